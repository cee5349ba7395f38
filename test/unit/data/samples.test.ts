import { describe, expect, test } from 'vitest';
import type { Dataset, Planted } from '../../../src/data/dataset.ts';
import { loadSample } from '../../../src/data/load.ts';
import { generateClicks } from '../../../src/data/samples/clicks.ts';
import { plantLatents } from '../../../src/data/samples/clicksModel.ts';
import { clicksParameters } from '../../../src/data/samples/clicksParameters.ts';
import { areaUnderCurve, logNormalCounts, zipf } from '../../../src/data/samples/statistics.ts';
import { generateRatings, ratingsParameters } from '../../../src/data/samples/ratings.ts';
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

describe('what the clicks sample says that it planted', () => {
  const dataset = loadSample('clicks');
  const { ids, fields, splits } = dataset;
  const places = (names: readonly string[]) =>
    names.map((name) => fields.findIndex((field) => field.name === name));

  test('is said in sentences that name the fields', () => {
    expect(dataset.planted?.map(({ kind }) => kind)).toEqual(['ranks', 'twins', 'digits']);
    for (const { fields: names, sentence } of dataset.planted!) {
      expect(places(names)).not.toContain(-1);
      for (const name of names) expect(sentence).toContain(name);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('twins occur in the same training examples', () => {
    const { fields: names, groups } = plantedIn(dataset.planted, 'twins');
    const [first, second] = places(names);
    const width = names.length;
    let checked = 0;
    for (let group = 0; group < groups.length; group += width) {
      const [a, b] = [groups[group], groups[group + 1]];
      if (fields[first].counts[a] < 100) continue;
      let both = 0;
      for (let i = 0; i < splits.train.count * fields.length; i += fields.length) {
        if (ids[i + first] === a && ids[i + second] === b) both++;
      }
      const either = fields[first].counts[a] + fields[second].counts[b] - both;
      expect(both / either).toBeGreaterThan(0.7);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
    expect(groups.length / width).toBeGreaterThan(1000);
  });

  test('twins have the same vector and the same weight', () => {
    const latents = plantLatents(clicksParameters, new Uint32Array(2047));
    const [first, ...rest] = clicksParameters.twins.fields.map((field) => latents[field]);
    for (const { vectors, weights } of rest) {
      expect(vectors.subarray(0, 9000)).toEqual(first.vectors.subarray(0, 9000));
      expect(weights.subarray(0, 9000)).toEqual(first.weights.subarray(0, 9000));
    }
  });

  test('digits survive the ranking: what is alike in quotient and remainder adds up, at powers of two', () => {
    const silent = { vector: 0, single: 0 };
    const { digits, levels, twins } = clicksParameters;
    const alone = generateClicks({
      ...clicksParameters,
      levels: levels.map(({ rows, rank }) => ({ rows, rank, vector: 0, single: 0 })),
      twins: { ...twins, ...silent },
      logit: { pairs: 0, singles: 2, numbers: 0 },
    });
    expect(alone.fields[digits.field].cardinality).toBe(2048);
    const lost = (remainders: number) =>
      alone.bestPossible!.value - additiveAuc(alone, digits.field, remainders);
    for (const remainders of [32, 64, 128]) expect(lost(remainders)).toBeLessThan(0.02);
    for (const remainders of [31, 63, 100]) expect(lost(remainders)).toBeGreaterThan(0.04);
  });
});

/** AUC on the test split of log-odds of the remainder + log-odds of the quotient, both counted in training. */
function additiveAuc(dataset: Dataset, field: number, remainders: number): number {
  const { ids, labels, labelMean, splits, fields } = dataset;
  const rows = fields[field].cardinality;
  const parts = [(id: number) => id % remainders, (id: number) => Math.floor(id / remainders)].map((part) => {
    const clicks = new Float64Array(rows).fill(labelMean);
    const lookups = new Float64Array(rows).fill(1);
    for (let i = 0; i < splits.train.count; i++) {
      const at = part(ids[i * fields.length + field]);
      clicks[at] += labels[i];
      lookups[at]++;
    }
    return (id: number) => Math.log(clicks[part(id)] / (lookups[part(id)] - clicks[part(id)]));
  });
  const { start, count } = splits.test;
  const scores = Float64Array.from({ length: count }, (_, i) => {
    const id = ids[(start + i) * fields.length + field];
    return parts[0](id) + parts[1](id);
  });
  return areaUnderCurve(scores, labels.subarray(start, start + count));
}

function plantedIn<K extends Planted['kind']>(planted: readonly Planted[] | undefined, kind: K) {
  return planted!.find((fact) => fact.kind === kind) as Extract<Planted, { kind: K }>;
}

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

  test('log-normal counts have the mean of what they round down, and the missing share of zeros', () => {
    const random = new Random(1, 'test');
    const draws = 100_000;
    const draw = (missing: number) => {
      const counts = logNormalCounts({ mean: 2, deviation: 0.5, missing }, 4095);
      return Array.from({ length: draws }, () => counts.draw(random));
    };
    const mean = draw(0).reduce((sum, count) => sum + count, 0) / draws;
    expect(mean + 0.5).toBeCloseTo(Math.exp(2 + 0.5 ** 2 / 2), 1);
    expect(draw(0.3).filter((count) => count === 0).length / draws).toBeCloseTo(0.3, 2);
  });

  test('Zipf draws follow the power law', () => {
    const popularity = zipf(50, 1);
    const random = new Random(1, 'test');
    const counts = new Uint32Array(50);
    const draws = 200_000;
    for (let i = 0; i < draws; i++) counts[popularity.draw(random)]++;
    const harmonic = counts.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
    for (const rank of [0, 1, 4, 19, 49]) {
      const expected = draws / (rank + 1) / harmonic;
      expect(Math.abs(counts[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});
