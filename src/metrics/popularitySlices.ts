/** What of a field decides how popular its ids are. A Field of a data set is one. */
export interface FieldPopularity {
  /** Lookups of every id in training; they never increase. */
  readonly counts: ArrayLike<number>;
  /** The id of values that training saw too seldom, or never. */
  readonly rareId: number;
}

/** Ids of a field that are alike in popularity. */
export interface PopularitySlice {
  readonly kind: 'popular' | 'rare';
  /** The most and the least popular of them, the rare row left out. */
  readonly firstId: number;
  readonly lastId: number;
  /** In training. */
  readonly lookups: number;
}

export interface PopularitySlices {
  readonly slices: readonly PopularitySlice[];
  /** The slice of every id. [ids] */
  readonly sliceOf: Uint8Array;
}

/**
 * Slices of a field's ids, each with about the same number of training lookups, from the most popular to the least; the rare row
 * is a slice of its own, the last. An id belongs where its first lookup lies, so that there are fewer where one id fills several.
 * Which slice an example is in is `sliceOf[id]`: see groupPredictions.
 */
export function popularitySlices({ counts, rareId }: FieldPopularity, wanted = 10): PopularitySlices {
  const slices: { -readonly [K in keyof PopularitySlice]: PopularitySlice[K] }[] = [];
  const sliceOf = new Uint8Array(counts.length);
  let total = 0;
  for (let id = 0; id < counts.length; id++) if (id !== rareId) total += counts[id];
  let [before, share] = [0, -1];
  for (let id = 0; id < counts.length; id++) {
    if (id === rareId) continue;
    const own = Math.min(wanted - 1, Math.floor((before / total) * wanted));
    if (own !== share) slices.push({ kind: 'popular', firstId: id, lastId: id, lookups: 0 });
    share = own;
    const slice = slices.at(-1)!;
    slice.lastId = id;
    slice.lookups += counts[id];
    sliceOf[id] = slices.length - 1;
    before += counts[id];
  }
  if (rareId < counts.length) {
    sliceOf[rareId] = slices.length;
    slices.push({ kind: 'rare', firstId: rareId, lastId: rareId, lookups: counts[rareId] });
  }
  return { slices, sliceOf };
}
