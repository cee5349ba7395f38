/** A key that no other record below 2^32 has, spread evenly over [0, 2^32): the examples of a sample are those of the least keys. */
export function sampleKey(record: number): number {
  let key = (record ^ Math.imul(Math.floor(record / 2 ** 32), 0x9e3779b1)) >>> 0;
  key = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35);
  return (key ^ (key >>> 16)) >>> 0;
}

/** All of them. */
export const everyKey = 2 ** 32 - 1;

const bucketShift = 20;

/** How many examples there are by the leading bits of their keys. */
export type KeyCounts = Uint32Array<ArrayBuffer>;

export const newKeyCounts = (): KeyCounts => new Uint32Array(2 ** (32 - bucketShift));

export const bucketOf = (key: number): number => key >>> bucketShift;

/** The largest key that may still be among the `most` least ones, and how many have keys of lower buckets than it. */
export function boundSample(
  counts: KeyCounts,
  most: number,
): { readonly largestKey: number; readonly below: number } {
  let below = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (below + counts[bucket] >= most)
      return { largestKey: (((bucket + 1) << bucketShift) - 1) >>> 0, below };
    below += counts[bucket];
  }
  return { largestKey: everyKey, below };
}
