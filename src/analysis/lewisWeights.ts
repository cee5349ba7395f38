import { whitening } from './leverage.ts';
import type { DenseMatrix } from './matrix.ts';
import { rowNorms } from './rowNorms.ts';
import { triangularFactor } from './triangularFactor.ts';

const ROUNDS = 40;
const CLOSE_ENOUGH = 1e-7;

/**
 * ℓ1 Lewis weights: w_i = (a_iᵀ(AᵀW⁻¹A)⁻¹a_i)^½, by iterating this from d/n, which halves the error of log w each round
 * (Cohen & Peng 2015, arXiv 1412.0588). Σ w = rank. What leverage is to squares, these are to absolute values: rows
 * drawn by them keep ‖Ax‖₁. Rows of zeros have weight 0. [rows]
 */
export function lewisWeights(table: DenseMatrix, rounds = ROUNDS): Float64Array {
  let weights = new Float64Array(table.rows).fill(table.columns / table.rows);
  for (let round = 0; round < rounds; round++) {
    const norms = rowNorms(table, whitening(weighted(table, weights)));
    let change = 0;
    const next = norms.map((norm, i) => {
      const weight = Math.sqrt(norm);
      change = Math.max(change, Math.abs(weight - weights[i]));
      return weight;
    });
    weights = next;
    if (change < CLOSE_ENOUGH) break;
  }
  return weights;
}

/**
 * C [d, rank] such that U = A·C is a well-conditioned basis of A's span for ℓ1: ‖z‖∞ ≤ ‖Uz‖₁ for all z, and
 * Σ|U_ij| ≤ d^{3/2} (Dasgupta et al. 2009, with the weights of Cohen & Peng 2015: ‖u_i‖₂ = w_i).
 */
export function wellConditionedChange(table: DenseMatrix, weights: ArrayLike<number>): DenseMatrix {
  return whitening(weighted(table, weights));
}

/** R of W^{−½}A. */
function weighted(table: DenseMatrix, weights: ArrayLike<number>): DenseMatrix {
  const factors = Float64Array.from(weights, (weight) => (weight > 0 ? 1 / Math.sqrt(weight) : 0));
  return triangularFactor(table, factors);
}
