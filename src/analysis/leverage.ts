import type { DenseMatrix } from './matrix.ts';
import { decompose, numericalRank } from './spectrum.ts';

/**
 * C [d, rank] with ‖a·C‖² = the leverage of a row a: V·Σ⁺ of a factor B of A (BᵀB = AᵀA), the inverse of R up to
 * a rotation, and well defined where R has none.
 */
export function whitening(factor: DenseMatrix): DenseMatrix {
  const { singularValues, directions } = decompose(factor);
  const rank = numericalRank(singularValues);
  const values = new Float64Array(directions.rows * rank);
  for (let j = 0; j < directions.rows; j++)
    for (let k = 0; k < rank; k++)
      values[j * rank + k] = directions.values[j * directions.columns + k] / singularValues[k];
  return { rows: directions.rows, columns: rank, values };
}

/**
 * τ_i = ‖a_i R⁻¹‖²: how far row i alone decides the table's span, 0 … 1; Σ τ = rank. With the factor of a sketch of
 * distortion ε each is within 1/(1 ± ε). Rows weighed by rowFactors, where given, as the factor's were. [rows]
 */
export function leverageScores(
  table: DenseMatrix,
  factor: DenseMatrix,
  rowFactors?: ArrayLike<number>,
): Float64Array {
  const norms = rowNorms(table, whitening(factor));
  return rowFactors ? norms.map((norm, i) => norm * rowFactors[i] ** 2) : norms;
}

/** ‖a_i·C‖², [rows]. */
export function rowNorms({ rows, columns, values }: DenseMatrix, change: DenseMatrix): Float64Array {
  const norms = new Float64Array(rows);
  const across = new Float64Array(change.columns);
  for (let i = 0; i < rows; i++) {
    across.fill(0);
    for (let j = 0; j < columns; j++) {
      const value = values[i * columns + j];
      for (let k = 0; k < change.columns; k++) across[k] += value * change.values[j * change.columns + k];
    }
    for (const value of across) norms[i] += value * value;
  }
  return norms;
}

/** Rows by falling score, the `count` first of them; of equal scores the first row first. */
export function highestRows(scores: ArrayLike<number>, count: number): readonly number[] {
  const rows = Uint32Array.from({ length: scores.length }, (_, i) => i);
  return [...rows.sort((a, b) => scores[b] - scores[a] || a - b).subarray(0, count)];
}
