import * as fc from 'fast-check';
import { SingularValueDecomposition } from 'ml-matrix';
import { expect, test } from 'vitest';
import { type DenseMatrix, fromLibrary, multiply, toLibrary } from '../../../src/analysis/matrix.ts';
import { decomposing } from '../../../src/analysis/singularValues.ts';
import { decompose } from '../../../src/analysis/spectrum.ts';
import { gaussian } from '../../support/randomMatrices.ts';

const size = fc.integer({ min: 1, max: 12 });
const element = fc.oneof(
  fc.constantFrom(0, 0, 1, -1, 1e-160, 1e150),
  fc.double({ min: -10, max: 10, noNaN: true }),
);

/** Of any shape and rank, with equal rows, columns of zeros, and values far apart. */
const matrices = fc.oneof(
  fc
    .tuple(size, size)
    .chain(([rows, columns]) =>
      fc
        .array(element, { minLength: rows * columns, maxLength: rows * columns })
        .map((values): DenseMatrix => ({ rows, columns, values: Float64Array.from(values) })),
    ),
  fc
    .tuple(size, size, fc.integer({ min: 1, max: 3 }), fc.nat())
    .map(([rows, columns, rank, seed]) =>
      multiply(gaussian(rows, rank, seed), gaussian(rank, columns, seed + 1)),
    ),
);

test('are those of ml-matrix, bit for bit, for matrices of any shape and rank', () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const { diagonal, rightSingularVectors } = new SingularValueDecomposition(toLibrary(matrix), {
        computeLeftSingularVectors: false,
        autoTranspose: true,
      });
      const { singularValues, directions } = decompose(matrix);
      expect(singularValues).toEqual(Float64Array.from(diagonal, Math.abs));
      const expected = fromLibrary(rightSingularVectors);
      expect([directions.rows, directions.columns]).toEqual([expected.rows, expected.columns]);
      // −0 and 0 are the same direction.
      expect(directions.values.map((value) => value + 0)).toEqual(expected.values.map((value) => value + 0));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('are computed in many pieces', () => {
  const pieces = [...decomposing(gaussian(60, 60, 3))].length;
  expect(pieces).toBeGreaterThan(3 * 60);
});
