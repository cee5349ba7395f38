import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';
import { mix32 } from '../random/hash.ts';
import { bitsFor, inversePermutation, permutation } from '../random/permutation.ts';
import type { DenseMatrix } from './matrix.ts';

export type SketchKind = 'count-sketch' | 'srht';

const filling: Readonly<Record<SketchKind, typeof fillingCountSketch>> = {
  'count-sketch': fillingCountSketch,
  srht: fillingSrht,
};

type Fill = (...sketched: Parameters<typeof fillingCountSketch>) => void;

/** Fills a sketch at once. */
export const fillSketch: Readonly<Record<SketchKind, Fill>> = {
  'count-sketch': (...sketched) => finish(fillingCountSketch(...sketched)),
  srht: (...sketched) => finish(fillingSrht(...sketched)),
};

/** The same rows and seed give the same bits. */
export interface SketchSize {
  /** r: rows of the sketch. */
  readonly rows: number;
  readonly seed: number;
}

/** Of a table [n, d], its rows weighed by rowFactors [n], where given (√p_i: by popularity): [r, d]. Throws what fillSketch throws. */
export function sketchOf(
  kind: SketchKind,
  table: DenseMatrix,
  { rows, seed }: SketchSize,
  rowFactors?: ArrayLike<number>,
): DenseMatrix {
  return finish(sketching(kind, table, { rows, seed }, rowFactors));
}

/** sketchOf, in pieces. */
export function* sketching(
  kind: SketchKind,
  table: DenseMatrix,
  { rows, seed }: SketchSize,
  rowFactors?: ArrayLike<number>,
): Pieces<DenseMatrix> {
  const values = new Float64Array(rows * table.columns);
  yield* filling[kind](table.values, table.rows, rowFactors, seed, rows, values);
  return { rows, columns: table.columns, values };
}

/** Elements of a table that are read between two rests: about 5 ms. */
const PIECE_ELEMENTS = 2 ** 18;

/** For an expected distortion of √(1/16) of a CountSketch. */
const ROWS_PER_SQUARE = 16;
/** Keeps the cost of R and of reading back small beside a training step. */
const MOST_ROWS = 2 ** 14;
/** For a typicalError of 1/8. */
const SRHT_ROWS_PER_COLUMN = 64;

/**
 * Rows of a sketch of a table [rows, columns]: 16(d² + d), at most 16,384, of a CountSketch; 64·d, at most 1,024, of an
 * SRHT. A table of no more rows is its own best sketch.
 */
export function usualSketchRows(
  kind: SketchKind,
  { rows, columns }: Pick<DenseMatrix, 'rows' | 'columns'>,
): number {
  if (kind === 'srht') return Math.min(rows, MOST_SRHT_ROWS, SRHT_ROWS_PER_COLUMN * columns);
  return Math.min(rows, MOST_ROWS, ROWS_PER_SQUARE * (columns ** 2 + columns));
}

/**
 * ε such that with probability 1 − failure (1 − ε)‖Ax‖² ≤ ‖Sx‖² ≤ (1 + ε)‖Ax‖² for all x at once, A of d columns.
 * - CountSketch: √((d² + d)/(r·failure)), proven for every A (Nelson & Nguyen 2013, arXiv 1211.1002, theorem 3, by
 *   Chebyshev's inequality: incoherent tables do far better).
 * - SRHT: (1 + √(d/r) + √(2·ln(2/failure)/r))² − 1, that of a Gaussian sketch (Davidson & Szarek 2001), between
 *   whose edges the SRHT's limiting spectrum lies (Lacotte et al. 2020, arXiv 2002.00864). What is proven for it
 *   (Tropp 2011) asks for about log d times the rows.
 */
export function distortionBound(
  kind: SketchKind,
  sketchRows: number,
  columns: number,
  failure = 0.1,
): number {
  if (kind === 'count-sketch') return Math.sqrt((columns ** 2 + columns) / (sketchRows * failure));
  const edge = 1 + Math.sqrt(columns / sketchRows) + Math.sqrt((2 * Math.log(2 / failure)) / sketchRows);
  return edge ** 2 - 1;
}

/**
 * The usual relative error of singular values: √(d/r), the spread of a flat spectrum's (Marchenko & Pastur 1967).
 * Where they fall fast it is √(1/2r). Root mean squares over 24 seeds, d = 4 and 16, r = 64·d to 256·d, both sketches, even and uneven
 * tables: 0.02 to 0.75 of √(d/r).
 */
export function typicalError(sketchRows: number, columns: number): number {
  return Math.sqrt(columns / sketchRows);
}

/** Keeps the signs independent of the buckets of the same seed. */
const SIGN_SALT = 0x5349474e;

/** Row i has the sign of the highest bit of mix32(i ^ key). */
export function signKey(seed: number): number {
  return mix32(seed ^ SIGN_SALT);
}

/**
 * S[b, :] = Σ_{i in bucket b} ±w_i·A[i, :], as Charikar, Chen & Farach-Colton 2002 and Clarkson & Woodruff 2013,
 * arXiv 1207.6365. The buckets are a seeded permutation of the rows, cut into r parts of equal size, and not a
 * hash: two rows meet with probability below 1/r, which is all that the variance asks of a hash, and the
 * rows of a bucket can be computed. So one thread can sum each bucket in a fixed order, without
 * lists, sorting or atomics (shaders/count_sketch.wgsl). O(rows·columns).
 *
 * A is table [tableRows, columns], w rowFactors [tableRows], where given; S is sketch [sketchRows, columns], in its precision.
 */
function* fillingCountSketch(
  table: ArrayLike<number>,
  tableRows: number,
  rowFactors: ArrayLike<number> | undefined,
  seed: number,
  sketchRows: number,
  sketch: Float32Array | Float64Array,
): Pieces<void> {
  const columns = sketch.length / sketchRows;
  const placeOf = inversePermutation(seed, bitsFor(tableRows));
  const key = signKey(seed);
  sketch.fill(0);
  // Row by row, which reads the table once through; a thread of a GPU walks through its bucket instead.
  const addRows = (first: number, end: number): void => {
    for (let row = first, from = first * columns; row < end; row++, from += columns) {
      const to = (placeOf(row) % sketchRows) * columns;
      const sign = mix32(row ^ key) >>> 31 === 1 ? -1 : 1;
      const factor = rowFactors ? sign * rowFactors[row] : sign;
      for (let j = 0; j < columns; j++) sketch[to + j] += factor * table[from + j];
    }
  };
  for (const { from, end } of rangesOf(tableRows, Math.max(1, Math.floor(PIECE_ELEMENTS / columns)))) {
    addRows(from, end);
    yield;
  }
}

/** Rows that are transformed together: four columns of them are the 16 KiB of a workgroup's memory. */
const BLOCK_BITS = 10;
/** A sketch has no more rows than a block. */
const MOST_SRHT_ROWS = 2 ** BLOCK_BITS;

/** Keep the sampled rows and the two kinds of signs of one seed independent. */
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
function* fillingSrht(
  table: ArrayLike<number>,
  tableRows: number,
  rowFactors: ArrayLike<number> | undefined,
  seed: number,
  sketchRows: number,
  sketch: Float32Array | Float64Array,
): Pieces<void> {
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
    yield;
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
