import { finish, type Pieces } from '../pieces/pieces.ts';
import { columnsOf, type DenseMatrix, multiplying, transpose } from './matrix.ts';
import { decomposing, energyOf } from './spectrum.ts';

/** How a table × projection is taken down to rank k. */
export interface Truncation {
  /** C [d, k]: the new table is table × C. */
  readonly change: DenseMatrix;
  /** [k, D], its rows orthonormal. */
  readonly projection: DenseMatrix;
  /** Of table × projection, falling. */
  readonly singularValues: Float64Array;
  /** ‖table·projection − new table·new projection‖_F: what the discarded singular values hold. */
  readonly error: number;
}

/**
 * The best approximation of rank k of A = E·P (Eckart & Young 1936), from a factor of E alone: with E = QR and
 * R·P = UΣVᵀ it is A·V_k·V_kᵀ, so that the new table E·(P·V_k) needs neither Q nor U. No projection: P = I.
 *
 * From the exact factor (`triangularFactor(table)`) the error is √Σ_{j>k} σ_j², the least there is; from a sketch's,
 * of distortion ε, at most √((1 + ε)/(1 − ε)) times that. With the factor of rows weighed by √p_i it is the best in
 * the norm Σ p_i‖·‖², the mean over lookups. k is at most min(d, D).
 */
export function truncation(
  factor: DenseMatrix,
  projection: DenseMatrix | undefined,
  rank: number,
): Truncation {
  return finish(truncating(factor, projection, rank));
}

/** truncation, in pieces. */
export function* truncating(
  factor: DenseMatrix,
  projection: DenseMatrix | undefined,
  rank: number,
): Pieces<Truncation> {
  const whole = projection ? yield* multiplying(factor, projection) : factor;
  const { singularValues, directions } = yield* decomposing(whole);
  const kept = columnsOf(directions, 0, Math.min(rank, directions.columns));
  return {
    change: projection ? yield* multiplying(projection, kept) : kept,
    projection: transpose(kept),
    singularValues,
    error: Math.sqrt(energyOf(singularValues, rank)),
  };
}
