import { describe, expect, test } from 'vitest';
import { loadSample } from '../../../src/data/load.ts';
import { clicksParameters, generateClicks } from '../../../src/data/samples/clicks.ts';
import { areaUnderCurve } from '../../../src/data/samples/oracle.ts';
import { generateRatings, ratingsParameters } from '../../../src/data/samples/ratings.ts';
import { Zipf } from '../../../src/data/samples/zipf.ts';
import { Random } from '../../../src/random/random.ts';
import { contentOf } from './sources.ts';

for (const sample of ['clicks', 'ratings'] as const) {
  describe(`the ${sample} sample`, () => {
    const dataset = loadSample(sample);

    test('is the same bits every time', () => {
      expect(contentOf(loadSample(sample))).toBe(contentOf(dataset));
    });

    test('takes under a second and a half of processor time, also on a slow and busy machine', () => {
      const timesMs = Array.from({ length: 3 }, () => {
        const before = process.cpuUsage();
        loadSample(sample);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      });
      expect(Math.min(...timesMs)).toBeLessThan(1500);
    });

    test('is split, ranked and complete as a file would be', () => {
      const { train, validation, test: tested } = dataset.splits;
      expect(train.count + validation.count + tested.count).toBe(dataset.examples);
      expect(train.count / dataset.examples).toBeCloseTo(0.8, 2);
      for (const [f, field] of dataset.fields.entries()) {
        expect([...field.counts]).toEqual([...field.counts].toSorted((a, b) => b - a));
        expect(field.counts.reduce((sum, count) => sum + count, 0)).toBe(train.count);
        let largest = 0;
        for (let i = f; i < dataset.ids.length; i += dataset.fields.length)
          largest = Math.max(largest, dataset.ids[i]);
        expect(largest).toBeLessThan(field.cardinality);
      }
      expect(dataset.numbers.every(Number.isFinite)).toBe(true);
    });
  });
}

describe('what is planted in the clicks sample', () => {
  const dataset = loadSample('clicks');

  test('has the shape of Criteo: 13 numbers, 26 fields from a few to thousands of rows', () => {
    expect(dataset.numericColumns).toHaveLength(13);
    expect(dataset.fields).toHaveLength(26);
    const rows = dataset.fields.map((field) => field.cardinality);
    expect(Math.min(...rows)).toBeLessThan(6);
    expect(Math.max(...rows)).toBeGreaterThan(1000);
  });

  test('clicks are as frequent as asked, and cannot be predicted better than bestPossible', () => {
    expect(dataset.labelMean).toBeGreaterThan(clicksParameters.clickRate - 0.01);
    expect(dataset.labelMean).toBeLessThan(clicksParameters.clickRate + 0.01);
    expect(dataset.bestPossible?.metric).toBe('auc');
    expect(dataset.bestPossible?.value).toBeGreaterThan(0.75);
    expect(dataset.bestPossible?.value).toBeLessThan(0.95);
  });

  test('bestPossible is measured: with no signal planted it is one half', () => {
    const { bestPossible } = generateClicks({
      ...clicksParameters,
      examples: 20_000,
      logit: { pairs: 0, singles: 0, numbers: 0 },
    });
    expect(bestPossible?.value).toBeCloseTo(0.5, 1);
  });
});

describe('what is planted in the ratings sample', () => {
  test('stars are on the scale, and noise alone is left over', () => {
    const dataset = loadSample('ratings');
    const { lowest, highest, step } = ratingsParameters.scale;
    for (const label of new Set(dataset.labels)) {
      expect(label).toBeGreaterThanOrEqual(lowest);
      expect(label).toBeLessThanOrEqual(highest);
      expect(label / step).toBe(Math.round(label / step));
    }
    expect(dataset.bestPossible?.metric).toBe('rmse');
    expect(dataset.bestPossible?.value).toBeLessThan(ratingsParameters.noise);
  });

  test('bestPossible is measured: on a fine scale without ends it is the noise', () => {
    const { bestPossible } = generateRatings({
      ...ratingsParameters,
      ratings: 20_000,
      scale: { lowest: -6, highest: 13, step: 0.1 },
    });
    expect(bestPossible?.value).toBeCloseTo(ratingsParameters.noise, 1);
  });
});

describe('the tools of the samples', () => {
  test('the area under the curve of a known case, ties counting half', () => {
    expect(areaUnderCurve(Float64Array.of(0.1, 0.4, 0.35, 0.8), [0, 0, 1, 1])).toBe(0.75);
    expect(areaUnderCurve(Float64Array.of(1, 1, 1), [0, 1, 1])).toBe(0.5);
  });

  test('Zipf draws follow the power law', () => {
    const zipf = new Zipf(50, 1);
    const random = new Random(1, 'test');
    const counts = new Uint32Array(50);
    const draws = 200_000;
    for (let i = 0; i < draws; i++) counts[zipf.draw(random)]++;
    const harmonic = counts.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
    for (const rank of [0, 1, 4, 19, 49]) {
      const expected = draws / (rank + 1) / harmonic;
      expect(Math.abs(counts[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});
