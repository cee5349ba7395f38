import type { DenseMatrix } from './matrix.ts';
import { rowNorms } from './rowNorms.ts';
import { decompose, numericalRank, type Spectrum } from './spectrum.ts';

/**
 * C [d, rank] with ‖a·C‖² = the leverage of a row a: V·Σ⁺ of a factor B of A (BᵀB = AᵀA), the inverse of R up to
 * a rotation, and well defined where R has none.
 */
export function whitening(factor: DenseMatrix): DenseMatrix {
  return whiteningOf(decompose(factor));
}

export function whiteningOf({ singularValues, directions }: Spectrum): DenseMatrix {
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
  return rowNorms(table, whitening(factor), rowFactors);
}

/** Rows by falling score, the `count` first of them; of equal scores the first row first. */
export function highestRows(scores: ArrayLike<number>, count: number): readonly number[] {
  if (count <= 0 || scores.length === 0) return [];
  // Sorting a million numbers takes a tenth of the time of sorting their indices.
  const sorted = Float64Array.from(scores).sort();
  const least = sorted[Math.max(0, scores.length - count)];
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) if (scores[row] >= least) rows.push(row);
  return rows.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count);
}

/** A row with its leverage; ranks count from 1. */
export interface RankedRow {
  readonly row: number;
  readonly leverage: number;
  readonly leverageRank: number;
  /** Rows are popularity ranks. */
  readonly popularityRank: number;
}

/** Share of the rows that are candidates: those of highest leverage. */
const SHARE = 0.05;

/**
 * Rows that matter more to a table than their popularity suggests: of the 5 % with the highest leverage (at least
 * `count` rows), those with the largest ratio of popularity rank to leverage rank, if it is above 1.
 */
export function surprisingRows(leverages: ArrayLike<number>, count: number): readonly RankedRow[] {
  const most = Math.max(count, Math.ceil(SHARE * leverages.length));
  return highestRows(leverages, most)
    .map((row, i) => ({ row, leverage: leverages[row], leverageRank: i + 1, popularityRank: row + 1 }))
    .filter(({ leverageRank, popularityRank }) => leverageRank < popularityRank)
    .sort((a, b) => b.popularityRank / b.leverageRank - a.popularityRank / a.leverageRank || a.row - b.row)
    .slice(0, count);
}
