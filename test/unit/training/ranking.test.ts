import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { rankUser } from '../../../src/metrics/ranking.ts';
import { Random } from '../../../src/random/random.ts';
import { Interactions } from '../../../src/ranking/interactions.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { Evaluator } from '../../../src/training/loop/evaluator.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { planRun } from '../../../src/training/plan/planRun.ts';
import { type PreparedRun, prepareRun } from '../../../src/training/plan/prepareRun.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';

const dataset = distinctPairs(tinyDataset('ranking', 900));
const settings: Settings = { ...tinySettings, method: 'uniform', epochs: 8, evaluateEvery: 20 };

/** Each user has each item once: the first of equal examples stays. */
function distinctPairs(data: Dataset): Dataset {
  const seen = new Set<number>();
  const kept = { train: 0, validation: 0, test: 0 };
  const ids: number[] = [];
  for (const split of ['train', 'validation', 'test'] as const) {
    const { start, count } = data.splits[split];
    for (let i = start; i < start + count; i++) {
      const [user, item] = data.ids.subarray(2 * i);
      const pair = user * 1000 + item;
      if (seen.has(pair)) continue;
      seen.add(pair);
      ids.push(user, item);
      kept[split]++;
    }
  }
  const splits = {
    train: { start: 0, count: kept.train },
    validation: { start: kept.train, count: kept.validation },
    test: { start: kept.train + kept.validation, count: kept.test },
  };
  return { ...data, splits, ids: Uint32Array.from(ids), labels: new Float32Array(ids.length / 2).fill(1) };
}

async function prepared<Result>(
  changes: Partial<Settings>,
  use: (run: PreparedRun) => Promise<Result>,
): Promise<Result> {
  const batchCache = new DeviceBatchesCache();
  const request = { settings: { ...settings, ...changes }, dataset, backend: createCpuBackend(), batchCache };
  const run = await prepareRun(planRun(request));
  try {
    return await use(run);
  } finally {
    run.execution.destroy();
    batchCache.destroy();
  }
}

async function train(changes: Partial<Settings>): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  const options = { settings: { ...settings, ...changes }, dataset, backend: createCpuBackend() };
  for await (const event of trainRun(options)) events.push(event);
  return events;
}

const resultOf = (events: readonly TrainingEvent[]) => {
  const last = events.at(-1)!;
  if (last.kind !== 'finished') throw new Error('the run has not finished');
  return last.result;
};

describe('the evaluation of a ranking', () => {
  test.each(['mf', 'ncf'] as const)(
    'of %s ranks all items that are new to a user, whatever the batch',
    async (model) => {
      const measure = (batch: number) =>
        prepared({ model, batch, tableInit: 'xavier' }, async (run) => {
          const evaluator = new Evaluator(run, unscheduled());
          return (await evaluator.measureAll('test', () => false))!.metrics;
        });
      const metrics = await measure(64);
      const expected = await prepared({ model, batch: 64, tableInit: 'xavier' }, bruteForce);
      expect(metrics).toMatchObject(expected);
      expect(await measure(7)).toEqual(metrics);
    },
  );

  /** Scores one pair at a time and sorts. */
  async function bruteForce({ execution, batches, program }: PreparedRun) {
    const [users, items] = dataset.fields;
    const known = new Interactions(dataset, 'train');
    const held = new Interactions(dataset, 'test');
    const ranked: { ndcg: number; recall: number }[] = [];
    for (let user = 0; user < users.cardinality; user++) {
      if (user === users.rareId || held.of(user).length === 0) continue;
      const scores: { item: number; score: number }[] = [];
      for (let item = 0; item < items.cardinality; item++) {
        if (item === items.rareId || known.has(user, item)) continue;
        const slot = batches.candidateBatch(Uint32Array.of(user, item));
        execution.run('evaluate', [{ ...slot, learningRate: 0, step: 1, metricSlot: 0 }]);
        const [score] = await execution.read(program.predictions, 0, 1);
        scores.push({ item, score });
      }
      scores.sort((a, b) => b.score - a.score || a.item - b.item);
      const ranks = [...held.of(user)].map((own) => {
        const place = scores.findIndex(({ item }) => item === own);
        return place === -1 ? Infinity : place + 1;
      });
      ranked.push(rankUser(ranks));
    }
    const mean = (of: 'ndcg' | 'recall') => ranked.reduce((sum, user) => sum + user[of], 0) / ranked.length;
    return { ndcg: mean('ndcg'), recall: mean('recall'), users: ranked.length };
  }
});

describe('a run that learns a ranking', () => {
  test.each([
    ['matrix factorisation by BPR', { model: 'mf', rankingLoss: 'bpr' }],
    ['matrix factorisation by log loss', { model: 'mf', rankingLoss: 'log-loss' }],
    ['NCF by BPR', { model: 'ncf', rankingLoss: 'bpr' }],
    ['NCF by log loss', { model: 'ncf', rankingLoss: 'log-loss' }],
  ] as const)(
    '%s lowers its loss, twice to the same bits, and tells test metrics of all users',
    async (_, own) => {
      const events = await train(own);
      const losses = events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));
      const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
      expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)));
      const { metrics, testIntervals } = resultOf(events);
      expect(metrics.train).toBeUndefined();
      expect(metrics.test).toMatchObject({ users: expect.any(Number) });
      const { ndcg } = metrics.test as { ndcg: number };
      expect(testIntervals!.ndcg!.low).toBeLessThan(ndcg);
      expect(testIntervals!.ndcg!.high).toBeGreaterThan(ndcg);
      expect(resultOf(await train(own)).metrics).toEqual(metrics);
    },
  );

  test('draws its negatives anew in every epoch, and keeps every positive before them', async () => {
    await prepared({ batch: 10, negatives: 4 }, async ({ batches, execution, program, layout }) => {
      expect(layout.resident).toBe(false);
      const { count } = dataset.splits.train;
      expect(layout.batches.train).toBe(Math.ceil(count / 2));
      const known = new Interactions(dataset, 'train');
      const rowsOf = async (epoch: number) => {
        const slot = batches.trainBatch(0, epoch);
        const ids = await execution.read(program.data.ids, slot.slot * 20, 2 * slot.count);
        const labels = await execution.read(program.data.labels, slot.slot * 10, slot.count);
        return { ids: [...ids], labels: [...labels] };
      };
      const [first, second] = [await rowsOf(0), await rowsOf(1)];
      expect(await rowsOf(0)).toEqual(first);
      expect(first.labels).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
      expect(second.ids).not.toEqual(first.ids);
      for (const { ids } of [first, second]) {
        for (let row = 0; row < 10; row++)
          expect(known.has(ids[2 * row], ids[2 * row + 1])).toBe(row % 5 === 0);
      }
      expect([second.ids[1], second.ids[11]]).toEqual([first.ids[1], first.ids[11]]);
    });
  });

  test('refuses a batch without room for a positive and its negatives, and data with nothing to rank', () => {
    const plan = (changes: Partial<Settings>, data: Dataset = dataset) =>
      planRun({
        settings: { ...settings, ...changes },
        dataset: data,
        backend: createCpuBackend(),
        batchCache: new DeviceBatchesCache(),
      });
    expect(() => plan({ batch: 4, negatives: 4 })).toThrow('no room for a positive and its 4 negatives');
    const single = { ...dataset.fields[1], cardinality: 2, counts: dataset.fields[1].counts.slice(0, 2) };
    expect(() => plan({}, { ...dataset, fields: [dataset.fields[0], single] })).toThrow('nothing to rank');
    expect(() => plan({ model: 'dlrm' })).toThrow('DLRM cannot be trained here');
  });

  test('chooses its weights on a seeded sample of users where there are many', async () => {
    const random = new Random(1, 'many users');
    const users = 300;
    const many: Dataset = {
      ...dataset,
      fields: [
        { name: 'user', cardinality: users + 1, counts: new Uint32Array(users + 1).fill(1), rareId: users },
        { name: 'item', cardinality: 2 ** 13, counts: new Uint32Array(2 ** 13).fill(1), rareId: 2 ** 13 - 1 },
      ],
      examples: 3 * users,
      ids: Uint32Array.from({ length: 6 * users }, (_, i) =>
        i % 2 === 0 ? (i / 2) % users : random.below(2 ** 13 - 1),
      ),
      splits: {
        train: { start: 0, count: users },
        validation: { start: users, count: users },
        test: { start: 2 * users, count: users },
      },
    };
    const batchCache = new DeviceBatchesCache();
    const request = {
      settings: { ...settings, batch: 1024, budget: null },
      dataset: many,
      backend: createCpuBackend(),
      batchCache,
    };
    const run = await prepareRun(planRun(request));
    const evaluator = new Evaluator(run, unscheduled());
    const sampled = await evaluator.evaluate('validation', () => false, 'sample');
    expect(sampled).toMatchObject({ users: 128 });
    expect(await evaluator.evaluate('validation', () => false, 'sample')).toEqual(sampled);
    expect(await evaluator.evaluate('validation', () => false)).toMatchObject({ users });
    run.execution.destroy();
    batchCache.destroy();
  });
});
