import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendPoint, BucketedMean, emptyCurve } from '../../../src/app/loss/curve.ts';

test('a line of any length has at most 150 points, in order, and keeps its mean', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 97 }), (steps, period) => {
      const line = new BucketedMean();
      let sum = 0;
      for (let step = 1; step <= steps; step++) {
        line.add(step, step % period);
        sum += step % period;
      }
      const { steps: at, values } = line.curve();
      expect(at.length).toBeLessThanOrEqual(150);
      expect(at.every((step, i) => i === 0 || step > at[i - 1])).toBe(true);
      // Buckets are of equal width but the last: weigh them to get the sum back.
      const width = at.length > 1 ? at[1] - at[0] : steps;
      const weighed = values.reduce(
        (total, value, i) =>
          total + value * (i < values.length - 1 ? width : steps - width * (values.length - 1)),
        0,
      );
      expect(weighed).toBeCloseTo(sum, 4);
    }),
    { numRuns: 50 },
  );
});

test('a short line keeps every step where it is', () => {
  const line = new BucketedMean();
  [0.9, 0.8, 0.7].forEach((loss, i) => line.add(i + 1, loss));
  expect(line.curve()).toEqual({ steps: [1, 2, 3], values: [0.9, 0.8, 0.7] });
});

test('a loss that is not a number is left out, not drawn', () => {
  const line = new BucketedMean();
  line.add(1, 0.5);
  line.add(2, Number.NaN);
  line.add(3, 0.4);
  expect(line.curve().steps).toEqual([1, 3]);
});

test('evaluations are kept to 300 points and the last is never dropped', () => {
  let curve = emptyCurve;
  for (let step = 1; step <= 2000; step++) curve = appendPoint(curve, step, step);
  expect(curve.steps.length).toBeLessThanOrEqual(301);
  expect(curve.steps.at(-1)).toBe(2000);
});
