import { existsSync, openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { load } from '../../../src/data/load.ts';
import { type DataSource, defaultLoadOptions } from '../../../src/data/source.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import type { ClickMetrics, RatingMetrics } from '../../../src/training/events.ts';
import { trainRun } from '../../../src/training/train.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

async function open(name: string): Promise<Dataset> {
  const source = Object.assign(await openAsBlob(folder + name), { name }) as DataSource;
  return load(source, defaultLoadOptions);
}

/** Test metrics with every other setting left to the data. */
async function testMetrics(
  dataset: Dataset,
  settings: Partial<Settings>,
): Promise<ClickMetrics & RatingMetrics> {
  const backend = createCpuBackend();
  for await (const event of trainRun({ settings: { ...defaultSettings, ...settings }, dataset, backend })) {
    if (event.kind === 'finished') return event.result.metrics.test as ClickMetrics & RatingMetrics;
  }
  throw new Error('the run did not finish');
}

describe.skipIf(!existsSync(folder))(
  'defaults on real files (skipped where ../shared/data is absent)',
  () => {
    // PyTorch, same model, split and budget: 0.850 ± 0.005 uniform, 0.847 mixed; biases alone 0.894.
    test.each([
      ['uniform', { method: 'uniform' }],
      ['mixed dimension', { method: 'mixed-dimension', alpha: 0.2, blocks: 8 }],
    ] as const)(
      'MovieLens 100K, 42,000 parameters, %s: mean test MSE of 3 seeds ≤ 0.86',
      async (_, settings) => {
        const dataset = await open('ml-100k.u.data');
        let sum = 0;
        for (const seed of [1, 2, 3])
          sum += (await testMetrics(dataset, { ...settings, budget: 42_000, seed })).mse;
        expect(sum / 3).toBeLessThanOrEqual(0.86);
      },
      60_000,
    );

    test('MovieLens latest-small beats its biases, whose RMSE is 0.863', async () => {
      const { rmse } = await testMetrics(await open('ml-latest-small.ratings.csv'), { method: 'uniform' });
      expect(rmse).toBeLessThan(0.85);
    }, 60_000);

    test.each([
      ['criteo-20k.tsv', 0.74],
      ['avazu-5k.csv', 0.6],
    ])(
      '%s: test AUC ≥ %f, and better than the base rate',
      async (name, auc) => {
        const metrics = await testMetrics(await open(name), { method: 'uniform' });
        expect(metrics.auc).toBeGreaterThanOrEqual(auc);
        expect(metrics.normalizedEntropy).toBeLessThan(1);
      },
      60_000,
    );
  },
);
