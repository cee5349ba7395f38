import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaUnderCurve } from '../../../src/metrics/areaUnderCurve.ts';
import { ascendingOrder } from '../../../src/metrics/ascendingOrder.ts';
import { clickMetrics, ratingMetrics } from '../../../src/metrics/metrics.ts';
import type { Predictions } from '../../../src/metrics/predictions.ts';
import { Random } from '../../../src/random/random.ts';
import { pairwiseAuc } from '../../support/evaluationSuite.ts';

function predictionsOf(negatives: readonly number[], positives: readonly number[]): Predictions {
  return {
    values: Float32Array.of(...negatives, ...positives),
    labels: Float32Array.from({ length: negatives.length + positives.length }, (_, i) =>
      Number(i >= negatives.length),
    ),
  };
}

const anyFloat = fc.float({ noNaN: true });

test.each([
  [0, 40],
  [257, 600],
])('the ascending order of %d to %d numbers is that of a stable sort', (minLength, maxLength) => {
  const some = fc.oneof(anyFloat, fc.constantFrom(-0, 0, 1, -1));
  fc.assert(
    fc.property(fc.array(some, { minLength, maxLength }), (numbers) => {
      const values = Float32Array.from(numbers);
      const stable = numbers.map((_, i) => i).sort((a, b) => Math.sign(values[a] - values[b]) || a - b);
      expect([...ascendingOrder(values)]).toEqual(stable);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('NaN of any sign comes last in the ascending order', () => {
  const bits = Uint32Array.of(0xffc00000, 0x7f800000, 0x7fc00001, 0xff800000, 0);
  expect([...ascendingOrder(new Float32Array(bits.buffer))]).toEqual([3, 4, 1, 0, 2]);
});

describe('AUC', () => {
  test.each([
    ['perfect order', [0, 1], [2, 3], 1],
    ['reversed order', [2, 3], [0, 1], 0],
    ['all alike', [1, 1, 1], [1], 0.5],
    ['one tie of four pairs', [0, 2], [2, 3], 0.875],
    ['zeros of both signs', [-0], [0], 0.5],
    ['infinite logits', [-Infinity, Infinity], [Infinity, 0], 0.625],
  ])('%s', (_, negatives, positives, auc) => {
    expect(areaUnderCurve(predictionsOf(negatives, positives))).toBe(auc);
  });

  test('equals the count over pairs, for scores with many ties', () => {
    const scores = fc.array(fc.oneof(fc.integer({ min: -4, max: 4 }), anyFloat), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(scores, scores, (negatives, positives) => {
        const predictions = predictionsOf(negatives, positives);
        const { values, labels } = predictions;
        expect(Math.abs(areaUnderCurve(predictions) - pairwiseAuc(values, labels))).toBeLessThan(1e-12);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test.each([1e-4, 1e-3, 1e-2, 0.1, 0.5])('is exact at a base rate of %d, with ties and without', (rate) => {
    const random = new Random(7, 'base rates');
    const labels = Float32Array.from({ length: 200_000 }, () => Number(random.uniform() < rate));
    const logit = Math.log(rate / (1 - rate));
    const smooth = labels.map((label) => logit + random.normal() + label);
    for (const values of [smooth, smooth.map((value) => Math.round(4 * value) / 4)]) {
      const auc = areaUnderCurve({ values, labels });
      expect(Math.abs(auc - pairwiseAuc(values, labels))).toBeLessThan(1e-12);
      expect(auc).toBeGreaterThan(0.6);
    }
  });

  test('is not a number where one label is missing or a prediction is not a number', () => {
    expect(areaUnderCurve(predictionsOf([0, 1], []))).toBeNaN();
    expect(areaUnderCurve(predictionsOf([], []))).toBeNaN();
    expect(areaUnderCurve(predictionsOf([0, NaN], [1]))).toBeNaN();
  });
});

describe('click metrics', () => {
  const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);

  test('of even odds for everything', () => {
    const metrics = clickMetrics(predictionsOf([0, 0, 0], [0]));
    expect(metrics.logLoss).toBeCloseTo(Math.LN2, 15);
    expect(metrics.accuracy).toBe(0.25);
    expect(metrics.majorityRate).toBe(0.75);
    expect(metrics.calibration).toBe(2);
    expect(metrics.auc).toBe(0.5);
    expect(metrics.normalizedEntropy).toBeCloseTo(Math.LN2 / entropy, 15);
  });

  test('give the base rate a normalised entropy and a calibration of 1', () => {
    const logit = Math.log(0.25 / 0.75);
    const metrics = clickMetrics(predictionsOf([logit, logit, logit], [logit]));
    expect(metrics.normalizedEntropy).toBeCloseTo(1, 7);
    expect(metrics.calibration).toBeCloseTo(1, 7);
    expect(metrics.accuracy).toBe(0.75);
  });

  test('keep the loss of every example, however large its logit', () => {
    expect(clickMetrics(predictionsOf([-1e30, 200], [1e30, -200])).logLoss).toBe(100);
    expect(clickMetrics(predictionsOf([-Infinity], [Infinity])).logLoss).toBe(0);
    expect(clickMetrics(predictionsOf([Infinity], [Infinity])).logLoss).toBe(Infinity);
    expect(clickMetrics(predictionsOf([-40], [40])).logLoss).toBeCloseTo(Math.exp(-40), 30);
  });

  test('do not drift over a million examples', () => {
    const examples = 1_000_000;
    const values = new Float32Array(examples).fill(-9);
    const { logLoss, calibration } = clickMetrics({
      values,
      labels: new Float32Array(examples).fill(1, 0, 100),
    });
    expect(logLoss).toBeCloseTo(Math.log1p(Math.exp(-9)) + 9e-4, 12);
    expect(calibration).toBeCloseTo(1e4 / (1 + Math.exp(9)), 10);
  });

  test('are not numbers where a prediction is not', () => {
    const metrics = clickMetrics(predictionsOf([NaN, 0], [1]));
    const { majorityRate, ...others } = metrics;
    expect(majorityRate).toBeCloseTo(2 / 3, 15);
    for (const value of Object.values(others)) expect(value).toBeNaN();
  });
});

test('rating metrics are the mean squared error and its root', () => {
  const predictions = { values: Float32Array.of(1, 5, 2, 4), labels: Float32Array.of(4, 3, 2, 2) };
  expect(ratingMetrics(predictions)).toEqual({ mse: 4.25, rmse: Math.sqrt(4.25) });
});
