import { SingularValueDecomposition } from 'ml-matrix';
import { type DenseMatrix, fromLibrary, sizeOf, toLibrary } from './matrix.ts';
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
