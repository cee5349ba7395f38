import { existsSync, openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { inspect, load } from '../../../src/data/load.ts';
import { type DataSource, defaultLoadOptions } from '../../../src/data/source.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

async function open(name: string): Promise<DataSource> {
  return Object.assign(await openAsBlob(folder + name), { name }) as DataSource;
}

describe.skipIf(!existsSync(folder))('real files (skipped where ../shared/data is absent)', () => {
  test('Criteo: 20,000 lines, click rate about 0.24', async () => {
    const dataset = await load(await open('criteo-20k.tsv'), defaultLoadOptions);
    expect(dataset).toMatchObject({ format: 'criteo', task: 'click', examples: 20_000 });
    expect(dataset.report.skipped).toEqual([]);
    const clicks = dataset.labels.reduce((sum, label) => sum + label, 0);
    expect(clicks).toBe(4527);
    expect(dataset.splits.train.count).toBe(15_999);
    expect(dataset.fields[8].cardinality).toBe(3 + 1);
    expect(dataset.fields[19].cardinality).toBe(4 + 1);
  });

  test('Avazu: 5,000 lines with a time', async () => {
    const source = await open('avazu-5k.csv');
    expect((await inspect(source)).columns).toContainEqual({ name: 'hour', role: 'time' });
    const dataset = await load(source, { ...defaultLoadOptions, splitBy: 'time' });
    expect(dataset).toMatchObject({ format: 'avazu', task: 'click', examples: 5000 });
    expect(dataset.splits.train.count).toBe(4000);
    expect(dataset.report.skipped).toEqual([]);
  });

  test('MovieLens 100K: 943 users, at most 1,682 items', async () => {
    const dataset = await load(await open('ml-100k.u.data'), defaultLoadOptions);
    expect(dataset).toMatchObject({ format: 'movielens-tab', task: 'rating', examples: 100_000 });
    const [user, item] = dataset.fields;
    expect(user.cardinality).toBe(943 + 1);
    expect(item.cardinality).toBeLessThanOrEqual(1682 + 1);
    expect(item.cardinality).toBeGreaterThan(1600);
    expect(dataset.labelMean).toBeCloseTo(3.53, 2);
  });

  test('MovieLens latest small: half stars', async () => {
    const dataset = await load(await open('ml-latest-small.ratings.csv'), defaultLoadOptions);
    expect(dataset).toMatchObject({ format: 'movielens-csv', task: 'rating', examples: 100_836 });
    expect(dataset.fields[0].cardinality).toBe(610 + 1);
    expect(new Set(dataset.labels).size).toBe(10);
  });
});
