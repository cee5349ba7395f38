import { finish } from '../pieces/pieces.ts';
import type { DenseMatrix } from './matrix.ts';
import { decomposing, type Spectrum } from './singularValues.ts';

export { decomposing, type Spectrum };

/** Below this share of the largest a singular value is rounding. */
const NOTHING = 1e-9;

/** The spectrum of A from R, or from any other matrix B with BᵀB = AᵀA, such as ΣVᵀ. */
export function decompose(factor: DenseMatrix): Spectrum {
  return finish(decomposing(factor));
}

/** Singular values that are more than rounding. */
export function numericalRank(singularValues: ArrayLike<number>): number {
  let rank = 0;
  while (rank < singularValues.length && singularValues[rank] > NOTHING * singularValues[0]) rank++;
  return rank;
}

/** σ² of the singular values that are more than rounding: what a spectral allocation reads. */
export function energiesOf(singularValues: Float64Array): Float64Array {
  return singularValues.subarray(0, numericalRank(singularValues)).map((value) => value ** 2);
}

/** ‖A‖_F² of the singular values from `first` on. */
export function energyOf(singularValues: ArrayLike<number>, first = 0): number {
  let sum = 0;
  for (let k = first; k < singularValues.length; k++) sum += singularValues[k] ** 2;
  return sum;
}

/** The least k such that the best approximation of rank k keeps `share` of the energy; 0 of a matrix of zeros. */
export function rankKeeping(singularValues: ArrayLike<number>, share: number): number {
  const wanted = share * energyOf(singularValues);
  let kept = 0;
  let rank = 0;
  while (rank < singularValues.length && kept < wanted) kept += singularValues[rank++] ** 2;
  return rank;
}

/** ‖A‖_F²/‖A‖₂² (Rudelson & Vershynin 2007): a rank that small singular values hardly raise. 0 of a matrix of zeros. */
export function stableRank(singularValues: ArrayLike<number>): number {
  return singularValues.length > 0 && singularValues[0] > 0
    ? energyOf(singularValues) / singularValues[0] ** 2
    : 0;
}

/** σ_k ∝ k^−β, and the temperature that is best if so: α = 1/(2β) (Ginart et al. 2019, arXiv 1909.11810). */
export interface Decay {
  readonly beta: number;
  /** 1/(2β), at most 1; 1 where singular values do not fall. */
  readonly alpha: number;
  /** Standard error of β. NaN: too few singular values to say. */
  readonly betaError: number;
}

/**
 * One β for all spectra: log σ_k = c_block − β·log k by least squares, with a constant of its own for every
 * spectrum. undefined: none has two singular values.
 */
export function fitDecay(spectra: readonly ArrayLike<number>[]): Decay | undefined {
  let [xx, xy, yy, points, constants] = [0, 0, 0, 0, 0];
  for (const singularValues of spectra) {
    const rank = numericalRank(singularValues);
    if (rank < 2) continue;
    const x = Array.from({ length: rank }, (_, k) => Math.log(k + 1));
    const y = x.map((_, k) => Math.log(singularValues[k]));
    const [meanX, meanY] = [mean(x), mean(y)];
    for (let k = 0; k < rank; k++) {
      xx += (x[k] - meanX) ** 2;
      xy += (x[k] - meanX) * (y[k] - meanY);
      yy += (y[k] - meanY) ** 2;
    }
    points += rank;
    constants++;
  }
  if (constants === 0) return undefined;
  const beta = -xy / xx;
  const free = points - constants - 1;
  const residual = Math.max(0, yy - xy ** 2 / xx);
  return {
    beta,
    alpha: beta > 0.5 ? 1 / (2 * beta) : 1,
    betaError: free > 0 ? Math.sqrt(residual / free / xx) : Number.NaN,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
