import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaUnderCurve, clickMetrics, ratingMetrics } from '../../../src/metrics/metrics.ts';

/** AUC by definition: the share of (negative, positive) pairs in order, ties half. */
function pairwise(negatives: readonly number[], positives: readonly number[]): number {
  const pairs = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
}

function histogramOf(bins: number, negatives: readonly number[], positives: readonly number[]): Uint32Array {
  const histogram = new Uint32Array(2 * bins);
  for (const bin of negatives) histogram[bin]++;
  for (const bin of positives) histogram[bins + bin]++;
  return histogram;
}

describe('AUC from a histogram', () => {
  test.each([
    ['perfect order', [0, 1], [2, 3], 1],
    ['reversed order', [2, 3], [0, 1], 0],
    ['all in one bin', [1, 1, 1], [1], 0.5],
    ['one tie of four pairs', [0, 2], [2, 3], 0.875],
  ])('%s', (_, negatives, positives, auc) => {
    expect(areaUnderCurve(histogramOf(4, negatives, positives))).toBe(auc);
  });

  test('equals the count over pairs', () => {
    const bins = fc.array(fc.nat(7), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(bins, bins, (negatives, positives) => {
        const auc = areaUnderCurve(histogramOf(8, negatives, positives));
        expect(auc).toBeCloseTo(pairwise(negatives, positives), 12);
      }),
    );
  });

  test('is not a number when a split has one label only', () => {
    expect(areaUnderCurve(histogramOf(4, [0, 1], []))).toBeNaN();
  });
});

describe('click metrics', () => {
  test('add up over batches', () => {
    // 4 examples, 1 click; predicted ½ everywhere: log loss ln 2, calibration 2.
    const sums = new Float32Array([3 * Math.LN2, 2, 1.5, 0, Math.LN2, 1, 0.5, 0]);
    const metrics = clickMetrics({ examples: 4, sums, histogram: histogramOf(4, [2, 2, 2], [2]) });
    expect(metrics.logLoss).toBeCloseTo(Math.LN2, 6);
    expect(metrics.accuracy).toBe(0.75);
    expect(metrics.majorityRate).toBe(0.75);
    expect(metrics.calibration).toBe(2);
    expect(metrics.auc).toBe(0.5);
    const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
    expect(metrics.normalizedEntropy).toBeCloseTo(Math.LN2 / entropy, 6);
  });

  test('give the base rate a normalised entropy and a calibration of 1', () => {
    const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
    const sums = new Float32Array([4 * entropy, 3, 1, 0]);
    const metrics = clickMetrics({ examples: 4, sums, histogram: histogramOf(4, [1, 1, 1], [1]) });
    expect(metrics.normalizedEntropy).toBeCloseTo(1, 6);
    expect(metrics.calibration).toBe(1);
  });
});

test('rating metrics are the mean squared error and its root', () => {
  const sums = new Float32Array([0, 0, 0, 9, 0, 0, 0, 7]);
  expect(ratingMetrics({ examples: 4, sums, histogram: new Uint32Array(8) })).toEqual({ mse: 4, rmse: 2 });
});
