import { mix32 } from '../random/mix.ts';
import { bitsFor, inversePermutation } from '../random/permutation.ts';

/** Sets the signs apart from the buckets of the same seed. */
const SIGN_SALT = 0x5349474e;

/** Row i has the sign of the highest bit of mix32(i ^ key). */
export function signKey(seed: number): number {
  return mix32(seed ^ SIGN_SALT);
}

/**
 * S[b, :] = Σ_{i in bucket b} ±w_i·A[i, :], as Charikar, Chen & Farach-Colton 2002 and Clarkson & Woodruff 2013,
 * arXiv 1207.6365. The buckets are a seeded permutation of the rows, cut into r parts of equal size, and not a
 * hash: two rows meet with probability below 1/r, which is all that the variance asks of a hash, and whoever
 * wants a bucket's rows computes them. So one thread can sum each bucket in a fixed order, without
 * lists, sorting or atomics (shaders/count_sketch.wgsl). O(rows·columns).
 *
 * A is table [tableRows, columns], w rowFactors [tableRows], where given; S is sketch [sketchRows, columns], in its precision.
 */
export function fillCountSketch(
  table: ArrayLike<number>,
  tableRows: number,
  rowFactors: ArrayLike<number> | undefined,
  seed: number,
  sketchRows: number,
  sketch: Float32Array | Float64Array,
): void {
  const columns = sketch.length / sketchRows;
  const placeOf = inversePermutation(seed, bitsFor(tableRows));
  const key = signKey(seed);
  sketch.fill(0);
  // Row by row, which reads the table once through; a thread of a GPU walks through its bucket instead.
  for (let row = 0, from = 0; row < tableRows; row++, from += columns) {
    const to = (placeOf(row) % sketchRows) * columns;
    const sign = mix32(row ^ key) >>> 31 === 1 ? -1 : 1;
    const factor = rowFactors ? sign * rowFactors[row] : sign;
    for (let j = 0; j < columns; j++) sketch[to + j] += factor * table[from + j];
  }
}
