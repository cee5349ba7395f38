import { describe, expect, test } from 'vitest';
import { defaultSettings, type MethodId } from '../../../src/settings/settings.ts';
import { resolveSettings } from '../../../src/training/plan/resolveSettings.ts';
import { tinyDataset } from './tinyDataset.ts';

const clicks = tinyDataset('click');
const ratings = tinyDataset('rating');

/** The default batch if the training split had `factor` times as many examples. */
function batchOf(factor: number): number {
  const { train } = clicks.splits;
  const splits = { ...clicks.splits, train: { ...train, count: train.count * factor } };
  return resolveSettings(defaultSettings, { ...clicks, splits }, 'cpu').batch;
}

describe('settings left to the data', () => {
  test('are all chosen', () => {
    for (const dataset of [clicks, ratings]) {
      const resolved = resolveSettings(defaultSettings, dataset, 'cpu');
      const left = Object.entries(resolved).filter(([, value]) => value === null || value === undefined);
      // Sizes that the budget gives, and a limit that nobody set.
      expect(left.map(([name]) => name)).toEqual([
        'collisions',
        'hotShare',
        'hiddenWidth',
        'rank',
        'trainMemory',
      ]);
    }
  });

  test('give clicks to a DLRM and ratings to matrix factorisation, as the papers train them', () => {
    expect(resolveSettings(defaultSettings, clicks, 'webgpu')).toMatchObject({
      model: 'dlrm',
      optimizer: 'amsgrad',
      learningRate: 1e-3,
      tableInit: 'xavier',
      l2: 0,
      backend: 'webgpu',
    });
    expect(resolveSettings(defaultSettings, ratings, 'cpu')).toMatchObject({
      model: 'mf',
      optimizer: 'adam',
      tableInit: 'identity',
    });
  });

  test('give numbers to predict to a DLRM where there are numbers to learn from, whatever their unit', () => {
    const prices = { ...ratings, numericColumns: clicks.numericColumns };
    const inCents = {
      ...prices,
      labels: prices.labels.map((l) => 100 * l),
      labelMean: 100 * prices.labelMean,
    };
    const [resolved, cents] = [prices, inCents].map((data) => resolveSettings(defaultSettings, data, 'cpu'));
    expect(resolved).toMatchObject({ model: 'dlrm', optimizer: 'amsgrad', l2: 0 });
    expect(cents).toEqual(resolved);
  });

  test('budget uniform vectors of 4 for every row of click data', () => {
    expect(resolveSettings(defaultSettings, clicks, 'cpu').budget).toBe(4 * (7 + 13 + 40));
  });

  test('make batches larger as the data grows, up to a limit', () => {
    expect([1, 33, 1e4].map(batchOf)).toEqual([32, 64, 512]);
  });

  test('evaluate clicks four times an epoch', () => {
    const { batch, evaluateEvery } = resolveSettings({ ...defaultSettings, batch: 12 }, clicks, 'cpu');
    expect([batch, evaluateEvery]).toEqual([12, 10]);
  });

  test('leave what is given alone', () => {
    const given = { batch: 7, learningRate: 0.5, epochs: 2, l2: 0.3, patience: 0, budget: 77 };
    expect(resolveSettings({ ...defaultSettings, ...given }, ratings, 'cpu')).toMatchObject(given);
  });

  test('weaken the penalty as ratings become many, for mixed dimension more', () => {
    const l2Of = (method: MethodId, data: typeof ratings) =>
      resolveSettings({ ...defaultSettings, method }, data, 'cpu').l2;
    const many = { ...ratings, splits: { ...ratings.splits, test: { start: 0, count: 1e6 } } };
    expect(l2Of('uniform', many)).toBeLessThan(l2Of('uniform', ratings));
    expect(l2Of('mixed-dimension', many)).toBeLessThan(l2Of('uniform', many));
    for (const method of ['tensor-train', 'path', 'deep-hash'] as const)
      expect(l2Of(method, ratings)).toBeLessThan(l2Of('uniform', ratings));
  });

  test('follow the scale of the ratings', () => {
    const percent = {
      ...ratings,
      labels: ratings.labels.map((l) => 20 * l),
      labelMean: 20 * ratings.labelMean,
    };
    const [stars, percents] = [ratings, percent].map((data) => resolveSettings(defaultSettings, data, 'cpu'));
    expect(percents.l2 / stars.l2).toBeCloseTo(20, 0);
    expect(percents.learningRate / stars.learningRate).toBeCloseTo(Math.sqrt(20), 0);
  });

  test('are usable for ratings that are all the same', () => {
    const equal = { ...ratings, labels: ratings.labels.map(() => 3), labelMean: 3 };
    const { l2, learningRate } = resolveSettings(defaultSettings, equal, 'cpu');
    expect([l2, learningRate].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });
});

describe('a model that cannot learn from the data', () => {
  test.each([
    [
      'mf',
      clicks,
      'Matrix factorisation cannot be trained here: the labels are clicks, and it predicts ratings.',
    ],
    ['mf', { ...ratings, fields: ratings.fields.slice(1) }, 'The model multiplies vectors in pairs'],
    ['dlrm', { ...clicks, fields: [] }, 'The model multiplies vectors in pairs'],
  ] as const)('%s is refused with a reason', (model, dataset, message) => {
    const resolve = () => resolveSettings({ ...defaultSettings, model }, dataset, 'cpu');
    expect(resolve).toThrow(
      expect.objectContaining({ name: 'TrainingError', remedy: expect.stringMatching(/\.$/) }),
    );
    expect(resolve).toThrow(message);
  });
});
