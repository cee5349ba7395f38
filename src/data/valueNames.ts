/** What the ids of a field stand for: their values as text, one after the other. Plain arrays, which cross threads. */
export interface ValueNames {
  readonly bytes: Uint8Array; // UTF-8
  /** Where the name of each id ends. */
  readonly ends: Uint32Array; // [cardinality]
}

/** `nameOf` an id; '' for ids that stand for several values. */
export function packNames(cardinality: number, nameOf: (id: number) => string): ValueNames {
  const encoder = new TextEncoder();
  const names = Array.from({ length: cardinality }, (_, id) => encoder.encode(nameOf(id)));
  const ends = new Uint32Array(cardinality);
  let total = 0;
  names.forEach((name, id) => (ends[id] = total += name.length));
  const bytes = new Uint8Array(total);
  names.forEach((name, id) => bytes.set(name, ends[id] - name.length));
  return { bytes, ends };
}

export function readName({ bytes, ends }: ValueNames, id: number): string {
  return new TextDecoder().decode(bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id]));
}
