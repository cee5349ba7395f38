import type { Dataset, Range } from './dataset.ts';

/** The ids of one field, of consecutive examples. [count] */
export function readColumn({ ids, fields }: Dataset, { start, count }: Range, field: number): Uint32Array {
  const column = new Uint32Array(count);
  for (let i = 0; i < count; i++) column[i] = ids[(start + i) * fields.length + field];
  return column;
}
