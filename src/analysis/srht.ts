import { mix32 } from '../random/mix.ts';
import { bitsFor, permutation } from '../random/permutation.ts';
import type { SketchSize } from './countSketch.ts';
import type { DenseMatrix } from './matrix.ts';

const SIGN_KEY = 0x53524854;

/**
 * Subsampled randomised Hadamard transform, Ailon & Chazelle 2006 as in Tropp 2011, arXiv 1011.1595:
 * S = √(N/r)·P·(H/√N)·D·A with random signs D, rows padded with zeros to N = 2^k ≥ n, and r of the N rows kept,
 * each at most once. O(N·d·log N) time and N·d doubles of memory.
 *
 * table [n, d]; rowFactors [n], where given; the answer is [r, d], r ≤ N. Throws RangeError for a larger r.
 */
export function srht(
  table: DenseMatrix,
  { rows, seed }: SketchSize,
  rowFactors?: ArrayLike<number>,
): DenseMatrix {
  const { columns } = table;
  const bits = bitsFor(table.rows);
  const padded = 2 ** bits;
  if (rows > padded) throw new RangeError(`${rows} rows cannot be sampled from ${padded}`);
  const work = new Float64Array(padded * columns);
  const key = mix32(seed ^ SIGN_KEY);
  for (let i = 0; i < table.rows; i++) {
    const sign = mix32(i ^ key) >>> 31 === 1 ? -1 : 1;
    const factor = rowFactors ? sign * rowFactors[i] : sign;
    for (let j = 0; j < columns; j++) work[i * columns + j] = factor * table.values[i * columns + j];
  }
  transform(work, padded, columns);
  const values = new Float64Array(rows * columns);
  const sampled = permutation(seed, bits);
  const scale = 1 / Math.sqrt(rows);
  for (let r = 0; r < rows; r++) {
    const from = sampled(r) * columns;
    for (let j = 0; j < columns; j++) values[r * columns + j] = scale * work[from + j];
  }
  return { rows, columns, values };
}

/** Hadamard, unscaled, of every column in place. */
function transform(values: Float64Array, rows: number, columns: number): void {
  for (let half = columns; half < rows * columns; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let a = block; a < block + half; a++) {
        const sum = values[a] + values[a + half];
        values[a + half] = values[a] - values[a + half];
        values[a] = sum;
      }
    }
  }
}
