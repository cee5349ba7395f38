import { SingularValueDecomposition } from 'ml-matrix';
import type { Random } from '../random/random.ts';
import { type DenseMatrix, fromLibrary, multiply, sizeOf, toLibrary } from './matrix.ts';
import { numericalRank } from './spectrum.ts';
import { TriangularFactor } from './triangularFactor.ts';

/**
 * X [d, m] that minimises ‖A·X − B‖_F, the shortest of them, from a factor of [A, B] (A of d columns, B of m). With the
 * factor of a sketch of distortion ε the cost is at most √((1 + ε)/(1 − ε)) times the least (Magdon-Ismail & Gittens
 * 2019, arXiv 1909.12580).
 */
export function solveFromFactor(factor: DenseMatrix, unknowns: number): DenseMatrix {
  const whole = toLibrary(factor);
  // QᵀA = [R; 0], so that only the first d rows of QᵀB can be met.
  const last = unknowns - 1;
  const { diagonal, leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(
    whole.subMatrix(0, last, 0, last),
  );
  const targets = whole.subMatrix(0, last, unknowns, factor.columns - 1);
  const rank = numericalRank(diagonal);
  const inverse = rightSingularVectors.clone();
  for (let j = 0; j < unknowns; j++)
    for (let k = 0; k < unknowns; k++) inverse.set(j, k, k < rank ? inverse.get(j, k) / diagonal[k] : 0);
  return fromLibrary(inverse.mmul(leftSingularVectors.transpose().mmul(targets)));
}

/**
 * X that minimises ‖A·X − B‖_F, rows weighed by rowFactors where given: a projection fitted to what a table's rows
 * should become. A [n, d], B [n, m], X [d, m]. Throws RangeError for matrices of different lengths.
 */
export function leastSquares(a: DenseMatrix, b: DenseMatrix, rowFactors?: ArrayLike<number>): DenseMatrix {
  const factor = new TriangularFactor(a.columns + b.columns);
  const joined = sideBySide(a, b);
  return solveFromFactor(factor.add(joined.values, rowFactors).factor(), a.columns);
}

/** [A, B]. Throws RangeError for matrices of different lengths. */
export function sideBySide(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  if (a.rows !== b.rows) throw new RangeError(`${sizeOf(a)} and ${sizeOf(b)} have not the same rows`);
  const columns = a.columns + b.columns;
  const values = new Float64Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    values.set(a.values.subarray(i * a.columns, (i + 1) * a.columns), i * columns);
    values.set(b.values.subarray(i * b.columns, (i + 1) * b.columns), i * columns + a.columns);
  }
  return { rows: a.rows, columns, values };
}

const ROUNDS = 100;
/** Least residual, as a share of the mean absolute one: keeps the weights finite. */
const SMOOTHING = 1e-6;

/** Rows drawn from a matrix, and how many rows each stands for. */
export interface RowSample {
  readonly rows: Uint32Array;
  /** 1/(draws·probability): E Σ factor·f(row) = Σ f(row) over all rows. */
  readonly factors: Float64Array;
}

/**
 * Draws rows with replacement, in proportion to scores. By Lewis weights of [A, b] the sample's ‖Ax − b‖₁ is that of
 * all rows within 1 ± ε after O(d·log d/ε²) draws; by leverage scores the same holds of squares.
 */
export function sampleRows(scores: ArrayLike<number>, draws: number, random: Random): RowSample {
  const sums = new Float64Array(scores.length);
  let total = 0;
  for (let i = 0; i < scores.length; i++) sums[i] = total += scores[i];
  const rows = Uint32Array.from({ length: draws }, () => firstAbove(sums, random.uniform() * total));
  const factors = Float64Array.from(rows, (row) => total / (draws * scores[row]));
  return { rows, factors };
}

function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * x [d, 1] that minimises Σ factor_i·|a_i·x − b_i| by iteratively reweighted least squares (Schlossmacher 1973): robust
 * against a few rows that are far off. A [n, d], b [n, 1].
 */
export function leastAbsolute(a: DenseMatrix, b: DenseMatrix, factors?: ArrayLike<number>): DenseMatrix {
  const factorOf = (row: number): number => (factors ? factors[row] : 1);
  let next = leastSquares(a, b, factors && Float64Array.from(factors, Math.sqrt));
  let best = next;
  let leastCost = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const residuals = multiply(a, next).values.map((value, i) => Math.abs(value - b.values[i]));
    const cost = residuals.reduce((sum, residual, i) => sum + factorOf(i) * residual, 0);
    if (!(cost < leastCost * (1 - 1e-9))) break;
    [leastCost, best] = [cost, next];
    const floor = (SMOOTHING * residuals.reduce((sum, residual) => sum + residual, 0)) / a.rows || 1;
    const weights = residuals.map((residual, i) => Math.sqrt(factorOf(i) / Math.max(residual, floor)));
    next = leastSquares(a, b, weights);
  }
  return best;
}
