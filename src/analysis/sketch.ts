import { fillCountSketch } from './countSketch.ts';
import type { DenseMatrix } from './matrix.ts';
import { fillSrht, MOST_SRHT_ROWS } from './srht.ts';

export type SketchKind = 'count-sketch' | 'srht';

export const fillSketch: Readonly<Record<SketchKind, typeof fillCountSketch>> = {
  'count-sketch': fillCountSketch,
  srht: fillSrht,
};

/** What makes a sketch again: the same rows and seed, the same bits. */
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
  const values = new Float64Array(rows * table.columns);
  fillSketch[kind](table.values, table.rows, rowFactors, seed, rows, values);
  return { rows, columns: table.columns, values };
}

/** Expected distortion of a CountSketch of usualSketchRows: √(1/16). */
const ROWS_PER_SQUARE = 16;
/** What R and reading back cost stays small beside a training step. */
const MOST_ROWS = 2 ** 14;
/** Singular values are off by 1/8 as a rule: typicalError. */
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
 * What singular values are off by as a rule, as a share of them: √(d/r), to which those of a flat spectrum spread (Marchenko & Pastur
 * 1967). Where they fall fast it is √(1/2r). Root mean squares over 24 seeds, d = 4 and 16, r = 64·d to 256·d, both sketches, even and uneven
 * tables: 0.02 to 0.75 of √(d/r).
 */
export function typicalError(sketchRows: number, columns: number): number {
  return Math.sqrt(columns / sketchRows);
}
