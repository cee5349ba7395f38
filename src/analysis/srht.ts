import { mix32 } from '../random/mix.ts';
import { bitsFor, permutation } from '../random/permutation.ts';

/** Rows that are transformed together: four columns of them are the 16 KiB of a workgroup's memory. */
const BLOCK_BITS = 10;
/** A sketch has no more rows than a block. */
export const MOST_SRHT_ROWS = 2 ** BLOCK_BITS;

/** What sets the sampled rows and the two kinds of signs of one seed apart. */
const KEYS = { row: 0x53524854, sample: 0x424c4f43 } as const;

/** Row i has the sign of the highest bit of mix32(i ^ row), sample s of block b that of mix32(b·2^bits + s ^ sample). */
export function srhtKeys(seed: number): Readonly<Record<keyof typeof KEYS, number>> {
  return { row: mix32(seed ^ KEYS.row), sample: mix32(seed ^ KEYS.sample) };
}

/** Bits of the rows of a block of a table. */
export function srhtBlockBits(tableRows: number): number {
  return Math.min(bitsFor(tableRows), BLOCK_BITS);
}

/**
 * Block subsampled randomised Hadamard transform (Balabanov, Beaupère, Grigori & Lederer 2022, arXiv 2210.11295):
 * the rows are cut into blocks A_b of N = 2^k ≤ 1024, the last one padded with zeros, and
 * S = Σ_b √(N/r)·D'_b·P·(H/√N)·D_b·A_b, where D_b and D'_b are random signs and P keeps the same r of the N rows of every
 * block, each at most once. A table of one block is transformed as in Tropp 2011, arXiv 1011.1595. No table-sized
 * copy, as the transform of all rows at once takes: one pass, O(rows·d·log N) time, N·d doubles of memory.
 *
 * table [tableRows, columns]; rowFactors [tableRows], where given; sketch [sketchRows, columns], in its precision.
 * Throws RangeError if sketchRows is larger than N.
 */
export function fillSrht(
  table: ArrayLike<number>,
  tableRows: number,
  rowFactors: ArrayLike<number> | undefined,
  seed: number,
  sketchRows: number,
  sketch: Float32Array | Float64Array,
): void {
  const bits = srhtBlockBits(tableRows);
  const blockRows = 2 ** bits;
  if (sketchRows > blockRows) throw new RangeError(`${sketchRows} rows cannot be sampled from ${blockRows}`);
  const columns = sketch.length / sketchRows;
  const sampled = permutation(seed, bits);
  const keys = srhtKeys(seed);
  const scale = 1 / Math.sqrt(sketchRows);
  const work = new Float64Array(blockRows * columns);
  sketch.fill(0);
  for (let first = 0; first < tableRows; first += blockRows) {
    const rows = Math.min(blockRows, tableRows - first);
    for (let i = 0; i < rows; i++) {
      const row = first + i;
      const factor = signOf(row, keys.row) * (rowFactors ? rowFactors[row] : 1);
      for (let j = 0; j < columns; j++) work[i * columns + j] = factor * table[row * columns + j];
    }
    work.fill(0, rows * columns);
    transform(work, columns);
    for (let s = 0; s < sketchRows; s++) {
      const from = sampled(s) * columns;
      const factor = scale * signOf(first + s, keys.sample);
      for (let j = 0; j < columns; j++) sketch[s * columns + j] += factor * work[from + j];
    }
  }
}

function signOf(index: number, key: number): 1 | -1 {
  return mix32(index ^ key) >>> 31 === 1 ? -1 : 1;
}

/** Hadamard, unscaled, of every column in place. */
function transform(values: Float64Array, columns: number): void {
  for (let half = columns; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let a = block; a < block + half; a++) {
        const sum = values[a] + values[a + half];
        values[a + half] = values[a] - values[a + half];
        values[a] = sum;
      }
    }
  }
}
