import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaUnderCurve, compareAucs, estimateAuc } from '../../../src/metrics/areaUnderCurve.ts';
import { bootstrap } from '../../../src/metrics/bootstrap.ts';
import { upperQuantile, upperTail } from '../../../src/metrics/distributions.ts';
import { estimateMean, showsEffect } from '../../../src/metrics/estimate.ts';
import { groupedAuc, groupPredictions } from '../../../src/metrics/groups.ts';
import { clickMetrics, measure, measureIntervals, type RatingMetrics } from '../../../src/metrics/metrics.ts';
import { pairedDifference, seedsNeeded } from '../../../src/metrics/pairedDifference.ts';
import { popularityBands } from '../../../src/metrics/popularityBands.ts';
import { logLosses, type Predictions, takeExamples } from '../../../src/metrics/predictions.ts';
import { ndcgAt, recallAt } from '../../../src/metrics/ranking.ts';
import { expectedCalibrationError, reliabilityCurve } from '../../../src/metrics/reliability.ts';
import { Random } from '../../../src/random/random.ts';
import { expectClose } from '../../support/expectClose.ts';
import fixture from '../../fixtures/statistics/statistics.json' with { type: 'json' };

const names = ['smooth', 'coarse'] as const;
const labels = Float32Array.from(fixture.labels);
const [smooth, coarse] = names.map((name): Predictions => ({
  values: Float32Array.from(fixture.models[name]),
  labels,
}));
const models = { smooth, coarse };

describe('what scipy and scikit-learn say of the same predictions', () => {
  test.each(names)('metrics of clicks: %s', (name) => {
    expectClose(clickMetrics(models[name]), fixture.metrics[name]);
  });

  test.each(names)('AUC by DeLong: %s', (name) => {
    expectClose(estimateAuc(models[name]), fixture.delong[name]);
  });

  test('two AUCs by the paired test of DeLong', () => {
    expectClose(compareAucs(smooth, coarse), fixture.delongPaired);
  });

  test.each(names)('log loss: %s', (name) => {
    expectClose(estimateMean(logLosses(models[name])), fixture.logLoss[name]);
  });

  test('two log losses on the same examples', () => {
    expectClose(pairedDifference(logLosses(smooth), logLosses(coarse)), fixture.logLossPaired);
  });

  test('seeds in pairs, and how many would tell', () => {
    expectClose(pairedDifference(fixture.seeds.a, fixture.seeds.b), fixture.seedsPaired);
    for (const { difference, deviation, seeds } of fixture.seedsNeeded)
      expect(seedsNeeded(difference, deviation)).toBe(seeds);
  });

  test.each(names)('reliability: %s', (name) => {
    const curve = reliabilityCurve(models[name], 10);
    expectClose(curve, fixture.reliability[name].curve);
    expectClose(expectedCalibrationError(curve), fixture.reliability[name].error);
  });

  test.each(names)('AUC within users: %s', (name) => {
    const users = groupPredictions(models[name], fixture.users, 25);
    expectClose(groupedAuc(users), fixture.groupedAuc[name]);
  });

  test('the bootstrap, of the same draws', () => {
    const { seed, resamples, auc, aucDifference, logLoss } = fixture.bootstrap;
    const options = { seed, resamples };
    const of = (statistic: (drawn: Uint32Array) => number) => bootstrap(labels.length, statistic, options);
    const aucOf = (drawn: Uint32Array) => areaUnderCurve(takeExamples(smooth, drawn));
    expectClose(of(aucOf), auc);
    expectClose(
      of((drawn) => aucOf(drawn) - areaUnderCurve(takeExamples(coarse, drawn))),
      aucDifference,
    );
    expectClose(
      of((drawn) => clickMetrics(takeExamples(smooth, drawn)).logLoss),
      logLoss,
    );
  });

  test('the bootstrap of scipy, within Monte Carlo error, and DeLong beside it', () => {
    const statistic = (drawn: Uint32Array) => areaUnderCurve(takeExamples(smooth, drawn));
    const { low, high } = bootstrap(labels.length, statistic, { seed: 1, resamples: 4000 });
    const { standardError, ...delong } = estimateAuc(smooth);
    // The 2.5 % quantile of 4,000 draws deviates by 0.042 standard errors, that of 20,000 by 0.019.
    expect(Math.abs(low - fixture.scipyBootstrap.low)).toBeLessThan(0.2 * standardError);
    expect(Math.abs(high - fixture.scipyBootstrap.high)).toBeLessThan(0.2 * standardError);
    expect(Math.abs(low - delong.low)).toBeLessThan(0.3 * standardError);
  });

  test('rankings', () => {
    for (const { ranks, k, ndcg, recall } of fixture.rankings) {
      expectClose(ndcgAt(ranks, k), ndcg);
      expectClose(recallAt(ranks, k), recall);
    }
  });

  test('tails and quantiles of the distributions', () => {
    for (const { degrees, tail, t } of fixture.quantiles)
      expect(upperQuantile(tail, degrees ?? Infinity) / t).toBeCloseTo(1, 9);
    for (const { degrees, tail, t } of fixture.tails) {
      expect(Math.abs(upperTail(t, degrees ?? Infinity) - tail)).toBeLessThanOrEqual(1e-9 * tail);
      expect(upperTail(-t, degrees ?? Infinity)).toBeCloseTo(1 - tail, 12);
    }
  });
});

const anyPredictions = fc
  .array(fc.record({ value: fc.integer({ min: -6, max: 6 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((examples): Predictions => ({
    values: Float32Array.from(examples, ({ value }) => value / 2),
    labels: Float32Array.from(examples, ({ label }) => label),
  }));

describe('intervals of AUC', () => {
  test('hold the AUC, and their variance is that of the definition, for many ties', () => {
    fc.assert(
      fc.property(anyPredictions, (predictions) => {
        const own = estimateAuc(predictions);
        const { values } = predictions;
        const of = (label: number) => values.filter((_, i) => predictions.labels[i] === label);
        const [negatives, positives] = [of(0), of(1)];
        if (Math.min(negatives.length, positives.length) < 2) {
          expect(own.standardError).toBeNaN();
          return;
        }
        expect(own.value).toBeCloseTo(areaUnderCurve(predictions), 12);
        expect(own.low).toBeLessThanOrEqual(own.value);
        expect(own.high).toBeGreaterThanOrEqual(own.value);
        const psi = (p: number, n: number): number => (p > n ? 1 : p === n ? 0.5 : 0);
        const meanOf = (sample: readonly number[]) => sample.reduce((a, b) => a + b, 0) / sample.length;
        const v10 = Array.from(positives, (p) => meanOf(Array.from(negatives, (n) => psi(p, n))));
        const v01 = Array.from(negatives, (n) => meanOf(Array.from(positives, (p) => psi(p, n))));
        const [a, b] = [v10, v01].map((sample) => estimateMean(sample).standardError ** 2);
        expect(own.standardError ** 2).toBeCloseTo(a + b, 12);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('of a model against itself show no effect', () => {
    const difference = compareAucs(smooth, smooth);
    expect(difference).toMatchObject({ value: 0, standardError: 0, pValue: 1 });
    expect(showsEffect(difference)).toBe(false);
  });

  test('refuse models of other examples', () => {
    expect(() => compareAucs(smooth, takeExamples(smooth, Uint32Array.of(0, 1)))).toThrow(RangeError);
    const turned = { ...coarse, labels: labels.map((label) => 1 - label) };
    expect(() => compareAucs(smooth, turned)).toThrow('not of the same examples');
    expect(() => pairedDifference([1, 2], [1])).toThrow(RangeError);
  });

  test('cover the true AUC as often as they say', () => {
    // Scores N(1, 1) of positives and N(0, 1) of others: AUC Φ(1/√2).
    const truth = 1 - upperTail(Math.SQRT1_2);
    let covered = 0;
    for (let seed = 0; seed < 400; seed++) {
      const sample = normalPredictions(seed, 300);
      const { low, high } = estimateAuc(sample);
      if (low <= truth && truth <= high) covered++;
    }
    // 380 expected, deviation 4.4.
    expect(covered).toBeGreaterThan(362);
    expect(covered).toBeLessThan(396);
  });

  test('are not numbers where a prediction is not', () => {
    const { value, low, high } = estimateAuc({
      ...smooth,
      values: smooth.values.map((z, i) => (i ? z : NaN)),
    });
    expect([value, low, high]).toEqual([NaN, NaN, NaN]);
  });
});

describe('paired differences', () => {
  test('of one seed say nothing, and of like differences are certain', () => {
    expect(pairedDifference([1], [0])).toEqual({
      value: 1,
      standardError: NaN,
      low: NaN,
      high: NaN,
      pValue: NaN,
    });
    expect(showsEffect(pairedDifference([1], [0]))).toBe(false);
    expect(pairedDifference([2, 3], [1, 2])).toMatchObject({ value: 1, low: 1, high: 1, pValue: 0 });
  });

  test('need more seeds for less, and no number of them for nothing', () => {
    expect(seedsNeeded(0, 0.1)).toBe(Infinity);
    expect(seedsNeeded(1, 0)).toBe(2);
    expect(seedsNeeded(-0.004, 0.004)).toBe(seedsNeeded(0.004, 0.004));
    expect(seedsNeeded(NaN, 1)).toBeNaN();
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (difference) => {
        expect(seedsNeeded(difference / 2, 1)).toBeGreaterThan(seedsNeeded(difference, 1));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('the bootstrap', () => {
  test('repeats bit for bit with its seed, and leaves out what has no value', () => {
    const of = (seed: number) =>
      bootstrap(3, (drawn) => (drawn.every((i) => i === drawn[0]) ? NaN : drawn[0]), {
        seed,
        resamples: 200,
      });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(of(1).resamples).toBeGreaterThan(150);
    expect(of(1).resamples).toBeLessThan(200);
    expect(bootstrap(1, () => NaN, { seed: 1 })).toMatchObject({ low: NaN, high: NaN, resamples: 0 });
  });
});

describe('reliability', () => {
  test('bins hold every example once, and part no equal predictions', () => {
    fc.assert(
      fc.property(anyPredictions, fc.integer({ min: 1, max: 20 }), (predictions, bins) => {
        const curve = reliabilityCurve(predictions, bins);
        expect(curve.length).toBeLessThanOrEqual(Math.min(bins, new Set(predictions.values).size));
        expect(curve.reduce((sum, bin) => sum + bin.examples, 0)).toBe(predictions.values.length);
        const predicted = curve.map((bin) => bin.predicted);
        expect(predicted).toEqual([...new Set(predicted)].sort((a, b) => a - b));
        for (const { observed, interval } of curve) {
          expect(interval.low).toBeLessThanOrEqual(observed + 1e-15);
          expect(interval.high).toBeGreaterThanOrEqual(observed - 1e-15);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('of distinct predictions has bins of equal counts', () => {
    const counts = reliabilityCurve(smooth, 7).map(({ examples }) => examples);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  test('is empty where a prediction is not a number', () => {
    const curve = reliabilityCurve({ values: Float32Array.of(NaN, 1), labels: Float32Array.of(0, 1) }, 2);
    expect(curve).toEqual([]);
    expect(expectedCalibrationError(curve)).toBeNaN();
  });
});

describe('bands of popularity', () => {
  test('hold every id once, the rare row alone and last, with about equal lookups', () => {
    const anyField = fc
      .tuple(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 80 }), fc.nat(79))
      .map(([counts, rare]) => ({ counts: counts.sort((a, b) => b - a), rareId: rare % counts.length }));
    fc.assert(
      fc.property(anyField, fc.integer({ min: 1, max: 10 }), (field, wanted) => {
        const { bands, bandOf } = popularityBands(field, wanted);
        expect(bands.at(-1)).toMatchObject({ kind: 'rare', firstId: field.rareId, lastId: field.rareId });
        expect(bands.length).toBeLessThanOrEqual(wanted + 1);
        const lookups = new Float64Array(bands.length);
        field.counts.forEach((count, id) => (lookups[bandOf[id]] += count));
        expect([...lookups]).toEqual(bands.map((band) => band.lookups));
        const popular = field.counts.filter((_, id) => id !== field.rareId);
        const share = popular.reduce((sum, count) => sum + count, 0) / wanted;
        const largest = Math.max(...popular, 0);
        for (const band of bands.slice(0, -1)) expect(band.lookups).toBeLessThan(share + largest + 1e-9);
        const order = Array.from(bandOf).filter((_, id) => id !== field.rareId);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('give each its own predictions', () => {
    const { bands, bandOf } = popularityBands({ counts: [6, 3, 2, 1], rareId: 2 }, 2);
    expect(bands).toEqual([
      { kind: 'popular', firstId: 0, lastId: 0, lookups: 6 },
      { kind: 'popular', firstId: 1, lastId: 3, lookups: 4 },
      { kind: 'rare', firstId: 2, lastId: 2, lookups: 2 },
    ]);
    const predictions = { values: Float32Array.of(1, 2, 3, 4, 5), labels: Float32Array.of(1, 0, 1, 0, 1) };
    const ids = [3, 0, 2, 1, 2];
    const own = groupPredictions(
      predictions,
      ids.map((id) => bandOf[id]),
      bands.length,
    );
    expect(own.map(({ values }) => [...values])).toEqual([[2], [1, 4], [3, 5]]);
    expect(own.map((band) => Array.from(band.labels))).toEqual([[0], [1, 0], [1, 1]]);
  });
});

describe('the intervals of a run', () => {
  test('of clicks are those of DeLong and of the mean loss', () => {
    const { auc, logLoss } = measureIntervals(smooth, 'click');
    expectClose(auc, { low: fixture.delong.smooth.low, high: fixture.delong.smooth.high });
    expectClose(logLoss, { low: fixture.logLoss.smooth.low, high: fixture.logLoss.smooth.high });
  });

  test('of ratings hold the metrics, never below 0', () => {
    const anyRatings = fc.array(
      fc.tuple(fc.double({ min: 1, max: 5, noNaN: true }), fc.integer({ min: 1, max: 5 })),
      {
        minLength: 2,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(anyRatings, (ratings) => {
        const predictions = {
          values: Float32Array.from(ratings, ([value]) => value),
          labels: Float32Array.from(ratings, ([, label]) => label),
        };
        const metrics = measure(predictions, 'rating') as RatingMetrics;
        const intervals = measureIntervals(predictions, 'rating');
        for (const id of ['mse', 'rmse'] as const) {
          expect(intervals[id]!.low).toBeLessThanOrEqual(metrics[id] + 1e-12);
          expect(intervals[id]!.high).toBeGreaterThanOrEqual(metrics[id] - 1e-12);
        }
        expect(intervals.rmse!.low).toBeGreaterThanOrEqual(0);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test('rankings without held-out items have no measure', () => {
  expect([recallAt([], 10), ndcgAt([], 10)]).toEqual([NaN, NaN]);
});

/** Half of the examples positive. */
function normalPredictions(seed: number, examples: number): Predictions {
  const random = new Random(seed, 'coverage');
  const labels = Float32Array.from({ length: examples }, (_, i) => i % 2);
  return { values: labels.map((label) => label + random.normal()), labels };
}
