import type { Split } from './dataset.ts';

/** In the order in which a Dataset holds them. */
export const splitOrder: readonly Split[] = ['train', 'validation', 'test'];

/** Position in splitOrder of 0-based data line k: hash(k) = ((k·2654435761) mod 2^32) >>> 16; 9 of 10 is test, 8 validation. */
export function splitByHash(line: number): number {
  const digit = (Math.imul(line, 2654435761) >>> 16) % 10;
  return digit === 9 ? 2 : digit === 8 ? 1 : 0;
}

/** The earliest 80 % train, the next 10 % validate, the latest test; equal times in file order. [examples] */
export function splitByTime(times: Float64Array): Uint8Array {
  const examples = times.length;
  const byTime = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  const splits = new Uint8Array(examples);
  const validationStart = Math.floor(examples * 0.8);
  const testStart = Math.floor(examples * 0.9);
  for (let rank = validationStart; rank < examples; rank++) splits[byTime[rank]] = rank < testStart ? 1 : 2;
  return splits;
}
