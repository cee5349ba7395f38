import { describe, expect, test } from 'vitest';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { loadFixture, openFixture } from '../../fixtures/fixtures.ts';

describe('files of the real formats', () => {
  test('Criteo: 660 lines, a quarter of them clicked', async () => {
    const dataset = await loadFixture('criteo.tsv');
    expect(dataset).toMatchObject({ format: 'criteo', task: 'click', examples: 660 });
    expect(dataset.report.skipped).toEqual([]);
    const clicks = dataset.labels.reduce((sum, label) => sum + label, 0);
    expect(clicks).toBe(170);
    expect(dataset.splits.train.count).toBe(526);
    expect(dataset.fields).toHaveLength(26);
    expect(dataset.numericColumns).toHaveLength(13);
    expect(dataset.fields[8].cardinality).toBe(3 + 1);
    expect(dataset.fields[19].cardinality).toBe(4 + 1);
  });

  test('Avazu: 1,000 lines with a time', async () => {
    const source = openFixture('avazu.csv');
    expect((await inspect(source)).columns).toContainEqual(
      expect.objectContaining({ name: 'hour', role: 'time' }),
    );
    const dataset = await load(source, { ...defaultLoadOptions, splitBy: 'time' });
    expect(dataset).toMatchObject({ format: 'avazu', task: 'click', examples: 1000 });
    expect(dataset.splits.train.count).toBe(800);
    expect(dataset.report.skipped).toEqual([]);
    expect(dataset.fields.map(({ name }) => name)).toContain('hour_of_day');
  });

  test('MovieLens 100K: 120 users, 160 items', async () => {
    const dataset = await loadFixture('u.data');
    expect(dataset).toMatchObject({ format: 'movielens-tab', task: 'rating', examples: 6000 });
    const [user, item] = dataset.fields;
    expect(user.cardinality).toBe(120 + 1);
    expect(item.cardinality).toBeLessThanOrEqual(160 + 1);
    expect(item.cardinality).toBeGreaterThan(150);
    expect(dataset.labelMean).toBeCloseTo(3.43, 2);
    expect(new Set(dataset.labels)).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  test('newer MovieLens: half stars', async () => {
    const dataset = await loadFixture('ratings.csv');
    expect(dataset).toMatchObject({ format: 'movielens-csv', task: 'rating', examples: 7000 });
    expect(dataset.fields[0].cardinality).toBe(100 + 1);
    expect(new Set(dataset.labels).size).toBe(10);
  });
});
