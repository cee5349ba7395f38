import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { trainRun } from '../../../src/training/train.ts';
import { loadFixture } from '../../fixtures/fixtures.ts';
import type { ClickMetrics, RatingMetrics } from '../../../src/metrics/metrics.ts';

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

/** Test MSE of μ + b_u + b_i, each a mean of what the others leave, damped by five ratings (Koren 2009). */
function biasesError({ ids, labels, labelMean, fields, splits: { train, test } }: Dataset): number {
  const biases = fields.map(({ cardinality }) => new Float64Array(cardinality));
  const predict = (example: number): number =>
    labelMean + biases.reduce((sum, bias, f) => sum + bias[ids[example * fields.length + f]], 0);
  for (let sweep = 0; sweep < 20; sweep++) {
    for (const [f, bias] of biases.entries()) {
      const [sums, counts] = [new Float64Array(bias.length), new Float64Array(bias.length)];
      for (let example = train.start; example < train.start + train.count; example++) {
        const id = ids[example * fields.length + f];
        sums[id] += labels[example] - predict(example) + bias[id];
        counts[id]++;
      }
      bias.set(sums.map((sum, id) => sum / (counts[id] + 5)));
    }
  }
  let squares = 0;
  for (let example = test.start; example < test.start + test.count; example++)
    squares += (labels[example] - predict(example)) ** 2;
  return squares / test.count;
}

describe('defaults on files of the real formats', () => {
  // The noise of the ratings, rounding included, has a variance of 0.16 + 1/12 for whole stars.
  test.each([
    ['uniform', { method: 'uniform' }],
    ['mixed dimension', { method: 'mixed-dimension', alpha: 0.2, blocks: 8 }],
  ] as const)(
    'whole stars, 16 parameters a row, %s: mean test MSE of 3 seeds ≤ 0.31, biases alone over 0.8',
    async (_, settings) => {
      const dataset = await loadFixture('u.data');
      let sum = 0;
      for (const seed of [1, 2, 3])
        sum += (await testMetrics(dataset, { ...settings, budget: 16 * (120 + 160), seed })).mse;
      expect(sum / 3).toBeLessThanOrEqual(0.31);
      expect(biasesError(dataset)).toBeGreaterThan(0.8);
    },
  );

  test('half stars are predicted better than by biases', async () => {
    const dataset = await loadFixture('ratings.csv');
    const { rmse } = await testMetrics(dataset, { method: 'uniform' });
    expect(rmse).toBeLessThan(0.53);
    expect(biasesError(dataset)).toBeGreaterThan(1.5 * rmse ** 2);
  });

  // A perfect model of either reaches 0.95; some five hundred and eight hundred lines are trained on.
  test.each([
    ['criteo.tsv', 0.78],
    ['avazu.csv', 0.78],
  ] as const)('%s: mean test AUC of 3 seeds ≥ %f, each better than the base rate', async (name, least) => {
    const dataset = await loadFixture(name);
    let sum = 0;
    for (const seed of [1, 2, 3]) {
      const { auc, normalizedEntropy } = await testMetrics(dataset, { method: 'uniform', seed });
      sum += auc;
      expect(normalizedEntropy).toBeLessThan(1);
    }
    expect(sum / 3).toBeGreaterThanOrEqual(least);
  });
});
