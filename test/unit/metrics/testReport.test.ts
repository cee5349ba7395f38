import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAucs, compareMeanAucs } from '../../../src/metrics/areaUnderCurve.ts';
import { clickMetrics, measure, measureIntervals } from '../../../src/metrics/metrics.ts';
import { differencesOverExamples } from '../../../src/metrics/overExamples.ts';
import type { Predictions } from '../../../src/metrics/predictions.ts';
import { sliceByPopularity } from '../../../src/metrics/slices.ts';
import { reportClicks, reportRatings } from '../../../src/metrics/testReport.ts';
import { expectClose } from '../../support/expectClose.ts';
import fixture from '../../fixtures/statistics/statistics.json' with { type: 'json' };

const labels = Float32Array.from(fixture.labels);
const predict = (values: readonly number[]): Predictions => ({ values: Float32Array.from(values), labels });
const smooth = predict(fixture.models.smooth);
const coarse = predict(fixture.models.coarse);
const [otherSmooth, otherCoarse] = fixture.others.map(predict);

function reportOf(predictions: Predictions, users?: Parameters<typeof reportClicks>[3]) {
  const { logLoss } = measureIntervals(predictions, 'click');
  return reportClicks(predictions, clickMetrics(predictions), logLoss!, users);
}

/** Reads a file of `dimmer train --predictions`. */
function readPredictions(name: string): Predictions {
  const path = new URL(`../../fixtures/statistics/${name}.csv`, import.meta.url);
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return {
    labels: Float32Array.from(rows, ([, label]) => label),
    values: Float32Array.from(rows, ([, , value]) => value),
  };
}

describe('what scipy and scikit-learn say of the same predictions', () => {
  test.each([
    ['smooth', smooth],
    ['coarse', coarse],
  ] as const)('what is reported beside the metrics of clicks: %s', (name, predictions) => {
    expectClose(reportOf(predictions), fixture.beside[name]);
  });

  test('slices by popularity, and what they differ from a reference', () => {
    const { counts, ids, slices } = fixture.slices;
    const field = { ids: Uint32Array.from(ids), popularity: { counts, rareId: counts.length - 1 } };
    expectClose(sliceByPopularity(smooth, field, 'click', coarse), slices);
  });

  test('mean differences of AUC over two seeds', () => {
    const pairs = [
      { own: smooth, reference: coarse },
      { own: otherSmooth, reference: otherCoarse },
    ];
    expectClose(compareMeanAucs(pairs), fixture.delongMeans);
  });

  test('differences over examples', () => {
    const pairs = [{ own: smooth, reference: coarse }];
    const clicks = differencesOverExamples(pairs, 'click');
    expectClose(clicks.auc, fixture.delongPaired);
    expectClose(clicks.logLoss, fixture.logLossPaired);
    expectClose(differencesOverExamples(pairs, 'rating').rmse, fixture.rootPaired);
  });

  test('predictions that the command line has written: clicks', () => {
    const predictions = readPredictions('criteo');
    const { metrics, intervals, report } = fixture.exported.criteo;
    expectClose(measure(predictions, 'click'), metrics);
    expectClose(measureIntervals(predictions, 'click'), {
      auc: boundsOf(intervals.auc),
      logLoss: boundsOf(intervals.logLoss),
    });
    expectClose(reportOf(predictions), report);
  });

  test('predictions that the command line has written: ratings', () => {
    const predictions = readPredictions('movielens');
    const { metrics, intervals, report } = fixture.exported.movielens;
    expectClose(measure(predictions, 'rating'), metrics);
    expectClose(measureIntervals(predictions, 'rating'), {
      mse: boundsOf(intervals.mse),
      rmse: boundsOf(intervals.rmse),
    });
    expectClose(reportRatings(predictions), report);
  });
});

function boundsOf({ low, high }: { readonly low: number; readonly high: number }) {
  return { low, high };
}

const anyPredictions = fc
  .array(fc.record({ value: fc.integer({ min: -6, max: 6 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 4,
    maxLength: 60,
  })
  .map((rows) => ({
    values: Float32Array.from(rows, ({ value }) => value),
    labels: Float32Array.from(rows, ({ label }) => label),
  }));

test('a mean over one pair is its own comparison', () => {
  expect(compareMeanAucs([{ own: smooth, reference: coarse }])).toEqual(compareAucs(smooth, coarse));
});

test('a model does not differ from itself on any examples', () => {
  fc.assert(
    fc.property(anyPredictions, (own) => {
      const differences = differencesOverExamples([{ own, reference: own }], 'rating');
      for (const { value, pValue } of Object.values(differences)) expect([value, pValue]).toEqual([0, 1]);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('slices part the examples, and their losses mean the loss of all', () => {
  const counts = [90, 40, 9, 3, 5];
  fc.assert(
    fc.property(anyPredictions, (predictions) => {
      const ids = Uint32Array.from(predictions.values, (value, i) => (i + value + 6) % counts.length);
      const slices = sliceByPopularity(predictions, { ids, popularity: { counts, rareId: 4 } }, 'click');
      const examples = slices.reduce((sum, slice) => sum + slice.examples, 0);
      expect(examples).toBe(ids.length);
      const mean = slices.reduce((sum, { examples: n, loss }) => sum + (n * loss.value) / examples, 0);
      expect(mean).toBeCloseTo(clickMetrics(predictions).logLoss, 9);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the AUC within users leaves out the row that several users share', () => {
  const values = Float32Array.of(2, 1, -1, 3, 0, 5);
  const own: Predictions = { values, labels: Float32Array.of(1, 0, 1, 0, 0, 1) };
  const users = { name: 'user_id', ids: Uint32Array.of(0, 0, 1, 1, 2, 2), rareId: 2 };
  // User 0 is in order, user 1 is reversed.
  expect(reportOf(own, users).perUser).toEqual({ column: 'user_id', auc: 0.5, groups: 2, examples: 4 });
});

test('predictions that are no numbers have no report but of how many they are', () => {
  const report = reportOf({ values: Float32Array.of(NaN, 1, 2), labels: Float32Array.of(0, 1, 1) });
  expect(report).toMatchObject({ examples: 3, reliability: [] });
  expect(report.accuracy.value).toBeNaN();
  expect(report.calibration.value).toBeNaN();
});

test('predictions of other examples are refused', () => {
  const other = { values: smooth.values, labels: labels.map((label) => 1 - label) };
  expect(() => compareMeanAucs([{ own: smooth, reference: other }])).toThrow(RangeError);
  expect(() => compareMeanAucs([])).toThrow(RangeError);
  const fewer = { values: smooth.values.subarray(1), labels: labels.subarray(1) };
  expect(() => differencesOverExamples([{ own: smooth, reference: fewer }], 'rating')).toThrow(RangeError);
});
