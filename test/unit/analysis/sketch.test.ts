import { describe, expect, test } from 'vitest';
import { leverageScores, whitening } from '../../../src/analysis/leverage.ts';
import { type DenseMatrix, multiply } from '../../../src/analysis/matrix.ts';
import {
  distortionBound,
  type SketchKind,
  fillSketch,
  sketchOf,
  usualSketchRows,
} from '../../../src/analysis/sketch.ts';
import { decompose } from '../../../src/analysis/spectrum.ts';
import { triangularFactor } from '../../../src/analysis/triangularFactor.ts';
import { gaussian, uneven } from '../../support/randomMatrices.ts';

const kinds = Object.keys(fillSketch) as SketchKind[];
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const norm = ({ values }: DenseMatrix): number => Math.hypot(...values);

/** Largest |‖Sx‖²/‖Ax‖² − 1| over all x: from the singular values of S·R⁻¹. */
function distortionOf(table: DenseMatrix, sketch: DenseMatrix): number {
  const { singularValues } = decompose(
    triangularFactor(multiply(sketch, whitening(triangularFactor(table)))),
  );
  return Math.max(...Array.from(singularValues, (value) => Math.abs(value ** 2 - 1)));
}

describe.each(kinds)('%s', (kind) => {
  test('of 2000 × 5 in 400 rows: R has the norms of the sketch, leverage sums to 5', () => {
    const table = gaussian(2000, 5, 1);
    const sketch = sketchOf(kind, table, { rows: 400, seed: 1 });
    const factor = triangularFactor(sketch);
    for (let i = 0; i < 20; i++) {
      const x = gaussian(5, 1, i);
      expect(norm(multiply(factor, x)) / norm(multiply(sketch, x))).toBeCloseTo(1, 12);
    }
    expect(sum(leverageScores(sketch, factor))).toBeCloseTo(5, 10);
    expect(sum(leverageScores(table, triangularFactor(table)))).toBeCloseTo(5, 10);
  });

  test('keeps its stated distortion on 50 random matrices', () => {
    const [rows, failure] = [1024, 0.1];
    let worse = 0;
    for (let seed = 0; seed < 50; seed++) {
      const columns = 2 + (seed % 7);
      const table = (seed % 2 === 0 ? gaussian : uneven)(3000 + 37 * seed, columns, seed);
      const bound = distortionBound(kind, rows, columns, failure);
      if (distortionOf(table, sketchOf(kind, table, { rows, seed })) > bound) worse++;
    }
    // Chebyshev's and the Gaussian's bound are far from what happens: none is expected, 5 are allowed for.
    expect(worse).toBe(0);
  });

  test('weighs rows by their factors, and is the same twice', () => {
    const table = uneven(700, 3, 4);
    const factors = Float64Array.from({ length: 700 }, (_, i) => 1 / (i + 1));
    const size = { rows: 64, seed: 9 };
    const scaled = { ...table, values: table.values.map((value, at) => value * factors[Math.floor(at / 3)]) };
    expect(sketchOf(kind, table, size, factors)).toEqual(sketchOf(kind, scaled, size));
    expect(sketchOf(kind, table, size)).toEqual(sketchOf(kind, table, size));
    expect(sketchOf(kind, table, { ...size, seed: 10 })).not.toEqual(sketchOf(kind, table, size));
  });

  test('keeps norms on average: E‖Sx‖² = ‖Ax‖²', () => {
    const table = uneven(100, 1, 2);
    const squares = Array.from(
      { length: 300 },
      (_, seed) => norm(sketchOf(kind, table, { rows: 32, seed })) ** 2,
    );
    expect(sum(squares) / 300 / norm(table) ** 2).toBeCloseTo(1, 1);
  });
});

test('an SRHT has no more rows than its blocks', () => {
  expect(() => sketchOf('srht', gaussian(100, 2, 1), { rows: 129, seed: 1 })).toThrow(RangeError);
  expect(() => sketchOf('srht', gaussian(3000, 2, 1), { rows: 1025, seed: 1 })).toThrow(RangeError);
});

test('an SRHT of all its rows turns the table, and changes no norm', () => {
  const table = uneven(64, 4, 3);
  expect(distortionOf(table, sketchOf('srht', table, { rows: 64, seed: 2 }))).toBeLessThan(1e-10);
});

test('sketches grow with the square of the columns, up to a limit, and no longer than the table', () => {
  expect(usualSketchRows('count-sketch', { rows: 1e6, columns: 16 })).toBe(16 * 272);
  expect(usualSketchRows('count-sketch', { rows: 1e6, columns: 64 })).toBe(16_384);
  expect(usualSketchRows('srht', { rows: 1e6, columns: 4 })).toBe(256);
  expect(usualSketchRows('srht', { rows: 1e6, columns: 64 })).toBe(1024);
  expect(usualSketchRows('count-sketch', { rows: 100, columns: 16 })).toBe(100);
});
