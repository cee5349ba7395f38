/** What of a field decides how popular its ids are. A Field of a data set is one. */
export interface FieldPopularity {
  /** Lookups of every id in training; they never increase. */
  readonly counts: ArrayLike<number>;
  /** The id of values that training saw too seldom, or never. */
  readonly rareId: number;
}

/** Ids of a field that are alike in popularity. */
export interface PopularityBand {
  readonly kind: 'popular' | 'rare';
  /** The most and the least popular of them, the rare row left out. */
  readonly firstId: number;
  readonly lastId: number;
  /** In training. */
  readonly lookups: number;
}

export interface PopularityBands {
  readonly bands: readonly PopularityBand[];
  /** The band of every id. [ids] */
  readonly bandOf: Uint8Array;
}

/**
 * Bands of a field's ids, each with about the same number of training lookups, from the most popular to the least; the rare row is
 * a band of its own, the last. An id belongs where its first lookup lies, so that there are fewer where one id fills several.
 * The band of an example is bandOf[its id]: groupPredictions parts predictions by it. `wanted`: at most 255.
 */
export function popularityBands({ counts, rareId }: FieldPopularity, wanted = 10): PopularityBands {
  const bands: { -readonly [K in keyof PopularityBand]: PopularityBand[K] }[] = [];
  const bandOf = new Uint8Array(counts.length);
  let total = 0;
  for (let id = 0; id < counts.length; id++) if (id !== rareId) total += counts[id];
  let [before, share] = [0, -1];
  for (let id = 0; id < counts.length; id++) {
    if (id === rareId) continue;
    const own = Math.min(wanted - 1, Math.floor((before / Math.max(1, total)) * wanted));
    if (own !== share) bands.push({ kind: 'popular', firstId: id, lastId: id, lookups: 0 });
    share = own;
    const band = bands.at(-1)!;
    band.lastId = id;
    band.lookups += counts[id];
    bandOf[id] = bands.length - 1;
    before += counts[id];
  }
  bandOf[rareId] = bands.length;
  bands.push({ kind: 'rare', firstId: rareId, lastId: rareId, lookups: counts[rareId] });
  return { bands, bandOf };
}
