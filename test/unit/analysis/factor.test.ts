import { QrDecomposition, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { highestRows, leverageScores } from '../../../src/analysis/leverage.ts';
import { type DenseMatrix, multiply, toLibrary } from '../../../src/analysis/matrix.ts';
import { sketchOf } from '../../../src/analysis/sketch.ts';
import { decompose, fitDecay, rankKeeping, stableRank } from '../../../src/analysis/spectrum.ts';
import { TriangularFactor, triangularFactor } from '../../../src/analysis/triangularFactor.ts';
import { truncation } from '../../../src/analysis/truncate.ts';
import { gaussian, uneven } from '../../support/randomMatrices.ts';

const difference = (a: DenseMatrix, b: DenseMatrix): number =>
  Math.hypot(...a.values.map((value, i) => value - b.values[i]));

describe('the triangular factor', () => {
  test('is the R of a QR decomposition, however the rows arrive', () => {
    const table = uneven(2500, 6, 1);
    const { upperTriangularMatrix: expected } = new QrDecomposition(toLibrary(table));
    const inPieces = new TriangularFactor(6);
    for (let from = 0; from < 2500; from += 7) inPieces.add(table.values.subarray(6 * from, 6 * (from + 7)));
    for (const { values } of [triangularFactor(table), inPieces.factor()])
      values.forEach((value, at) => {
        const [row, column] = [Math.floor(at / 6), at % 6];
        const sign = Math.sign(expected.get(row, row));
        expect(value).toBeCloseTo(row > column ? 0 : sign * expected.get(row, column), 8);
      });
  });

  test('has the singular values of the table', () => {
    const table = uneven(300, 8, 2);
    const exact = new SingularValueDecomposition(toLibrary(table)).diagonal;
    const { singularValues, directions } = decompose(triangularFactor(table));
    singularValues.forEach((value, k) => expect(value / exact[k]).toBeCloseTo(1, 9));
    // A·v_k has the norm σ_k.
    const turned = multiply(table, directions);
    singularValues.forEach((value, k) => {
      const column = Array.from({ length: 300 }, (_, i) => turned.values[8 * i + k]);
      expect(Math.hypot(...column) / value).toBeCloseTo(1, 8);
    });
  });

  test('of fewer rows than columns, and of zeros', () => {
    expect(
      decompose(triangularFactor(gaussian(2, 5, 1))).singularValues.filter((value) => value > 1e-9),
    ).toHaveLength(2);
    // Left alone, what rounding leaves of 40 columns in three rows ends in denormals.
    expect(
      decompose(triangularFactor(gaussian(3, 40, 1))).singularValues.filter((value) => value > 1e-9),
    ).toHaveLength(3);
    const zeros = triangularFactor({ rows: 3, columns: 2, values: new Float64Array(6) });
    expect([...decompose(zeros).singularValues]).toEqual([0, 0]);
  });
});

test.each([
  [2, 100],
  [4, 58],
  [9, 300],
])('the factor of %i rows of %i columns has their singular values, and no others', (rows, columns) => {
  const table = gaussian(rows, columns, 3);
  const exact = new SingularValueDecomposition(toLibrary(table), { autoTranspose: true }).diagonal;
  const { singularValues } = decompose(triangularFactor(table));
  exact.forEach((value, k) => expect(singularValues[k] / value).toBeCloseTo(1, 9));
  for (const value of singularValues.subarray(rows)) expect(value).toBeLessThan(1e-9);
});

describe('ranks and decay', () => {
  test('energy, stable rank', () => {
    const values = [10, 3, 1, 0.1];
    expect(rankKeeping(values, 0.9)).toBe(1);
    expect(rankKeeping(values, 0.99)).toBe(2);
    expect(rankKeeping(values, 1)).toBe(4);
    expect(stableRank(values)).toBeCloseTo(1.1001, 4);
    expect([rankKeeping([0, 0], 0.9), stableRank([0, 0]), stableRank([])]).toEqual([0, 0, 0]);
  });

  test('β of power laws of any size is found, and α = 1/(2β)', () => {
    const power = (beta: number, scale: number, length: number) =>
      Array.from({ length }, (_, k) => scale * (k + 1) ** -beta);
    const decay = fitDecay([power(1.5, 3, 16), power(1.5, 0.01, 4), [2], [0, 0]])!;
    expect(decay.beta).toBeCloseTo(1.5, 10);
    expect(decay.alpha).toBeCloseTo(1 / 3, 10);
    expect(decay.betaError).toBeCloseTo(0, 6);
    expect(fitDecay([power(0.2, 1, 8)])!.alpha).toBe(1);
    expect(fitDecay([[1]])).toBeUndefined();
  });
});

describe('leverage', () => {
  test('is between 0 and 1, sums to the rank, and finds the row that stands alone', () => {
    const table = gaussian(400, 4, 1);
    table.values.set([0, 0, 0, 500], 4 * 123);
    const scores = leverageScores(table, triangularFactor(table));
    expect(scores.reduce((a, b) => a + b)).toBeCloseTo(4, 10);
    expect(Math.max(...scores)).toBeLessThanOrEqual(1 + 1e-12);
    expect(highestRows(scores, 1)).toEqual([123]);
  });

  test('of a table of rank 2 in 5 columns it sums to 2', () => {
    const table = multiply(gaussian(100, 2, 1), gaussian(2, 5, 2));
    expect(leverageScores(table, triangularFactor(table)).reduce((a, b) => a + b)).toBeCloseTo(2, 8);
  });
});

describe('truncation', () => {
  const table = uneven(800, 6, 7);
  const projection = gaussian(6, 10, 8);
  const rebuilt = ({ change, projection: own }: ReturnType<typeof truncation>): DenseMatrix =>
    multiply(multiply(table, change), own);

  test.each([1, 3, 5, 6])('to rank %i loses what the discarded singular values hold', (rank) => {
    const result = truncation(triangularFactor(table), projection, rank);
    const product = multiply(table, projection);
    const lost = difference(rebuilt(result), product);
    const { diagonal } = new SingularValueDecomposition(toLibrary(product));
    const discarded = Math.hypot(...diagonal.slice(rank));
    expect(Math.abs(lost - discarded)).toBeLessThan(1e-4 * Math.hypot(...diagonal));
    expect(Math.abs(result.error - discarded)).toBeLessThan(1e-8 * Math.hypot(...diagonal));
    expect(result.change.columns).toBe(rank);
  });

  test('without a projection, and from a sketch', () => {
    const exact = truncation(triangularFactor(table), undefined, 2);
    expect(difference(rebuilt(exact), table)).toBeCloseTo(exact.error, 8);
    const sketch = sketchOf('count-sketch', table, { rows: 512, seed: 3 });
    const close = difference(rebuilt(truncation(triangularFactor(sketch), undefined, 2)), table);
    expect(close / exact.error).toBeLessThan(1.05);
    expect(close / exact.error).toBeGreaterThanOrEqual(1);
  });
});
