import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import type { RatingMetrics } from '../../../src/metrics/metrics.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';

/** A price: of the ids of two fields and of a number. `unit`: what it is multiplied by. */
function prices(unit: number): Dataset {
  const clicks = tinyDataset('click');
  const width = clicks.fields.length;
  const labels = clicks.labels.map((_, i) => {
    const [a, b] = clicks.ids.subarray(i * width);
    return unit * (50 + 4 * (a % 3) - 3 * (b % 2) + 5 * clicks.numbers[2 * i]);
  });
  const { count } = clicks.splits.train;
  const labelMean = labels.subarray(0, count).reduce((sum, label) => sum + label, 0) / count;
  return { ...clicks, task: 'rating', labels, labelMean };
}

async function train(dataset: Dataset) {
  const settings = { ...tinySettings, epochs: 30 };
  const losses: number[] = [];
  for await (const event of trainRun({ settings, dataset, backend: createCpuBackend() })) {
    if (event.kind === 'progress') losses.push(...event.losses);
    if (event.kind === 'finished') return { losses, test: event.result.metrics.test as RatingMetrics };
  }
  throw new Error('the run did not finish');
}

describe('a number as label', () => {
  test('is learnt from categories and numbers far better than its mean says it', async () => {
    const dataset = prices(1);
    const { start, count } = dataset.splits.test;
    const labels = dataset.labels.subarray(start, start + count);
    const spread = Math.sqrt(
      labels.reduce((sum, label) => sum + (label - dataset.labelMean) ** 2, 0) / count,
    );
    expect((await train(dataset)).test.rmse).toBeLessThan(0.4 * spread);
  });

  test('is learnt to the same bits in any unit that is a power of two', async () => {
    const [plain, large] = [await train(prices(1)), await train(prices(1024))];
    expect(large.losses).toEqual(plain.losses.map((loss) => loss * 1024 ** 2));
    expect(large.test.rmse).toBe(plain.test.rmse * 1024);
  });
});
