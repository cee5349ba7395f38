import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricFor } from '../../../src/app/accuracy/metrics.ts';
import { bestRun, identityOf, paretoFront, withoutRepeats } from '../../../src/app/runs/runRecord.ts';
import { runSizes } from '../../../src/app/runs/runSize.ts';
import { frontCandidates } from '../../../src/app/runs/seedGroups.ts';
import { clickMetrics, makeResult, makeRun, MemoryRunStorage, openSession } from './fakeSession.ts';

const auc = metricFor('click', null);
const { settings } = makeResult();

describe('a run that is trained again', () => {
  test('takes the place of the one before, in the list and in storage', async () => {
    const { dimmer, engine, storage } = await openSession();
    for (let repeat = 0; repeat < 10; repeat++) {
      if (repeat > 0) dimmer.runs.start();
      const { runId } = engine.runs().at(-1)!;
      engine.start(runId);
      engine.finish(runId);
    }
    expect(dimmer.store.getState().runs.length).toBe(1);
    await expect.poll(() => storage.stored.size).toBe(1);
  });

  test('is not trained by opening the page: what is there is shown', async () => {
    const storage = new MemoryRunStorage();
    const first = await openSession({}, storage);
    const { runId } = first.engine.runs()[0];
    first.engine.start(runId);
    const { budget } = first.dimmer.store.getState();
    first.engine.finish(runId, { settings: { ...settings, budget } });
    await expect.poll(() => storage.stored.size).toBe(1);
    for (let visit = 0; visit < 5; visit++) {
      const { dimmer, engine } = await openSession({}, storage);
      expect(engine.runs()).toEqual([]);
      expect(dimmer.store.getState().runs.map(({ id }) => id)).toEqual([runId]);
      expect(dimmer.live.getState()).toMatchObject({ runId, step: 100, totalSteps: 100 });
    }
  });

  test('two tabs that trained it both leave one run', () => {
    const repeats = ['a', 'b', 'c'].map((id) => makeRun(id));
    const others = [
      makeRun('seed 2', { settings: { ...settings, seed: 2 } }),
      makeRun('x', { datasetKey: 'other' }),
    ];
    expect(withoutRepeats([...repeats, ...others]).map(({ id }) => id)).toEqual(['c', 'seed 2', 'x']);
  });

  test('is the same whatever of its settings its method does not read', () => {
    const run = makeRun('a', { settings: { ...settings, method: 'uniform', alpha: 0.1 } });
    const other = makeRun('b', { settings: { ...settings, method: 'uniform', alpha: 0.9 } });
    expect(identityOf(run)).toBe(identityOf(other));
    expect(identityOf({ ...run, result: { ...run.result, reason: 'stopped' } })).toBeUndefined();
  });
});

describe('a choice', () => {
  /** AUC on validation and on test. */
  const run = (id: string, validation: number, testAuc: number, parameters = 1000, seed = 1) =>
    makeRun(id, {
      parameters,
      settings: { ...settings, seed, budget: parameters },
      metrics: { validation: clickMetrics(validation), test: clickMetrics(testAuc) },
    });

  test('of the best run is by validation, whatever the test split says', () => {
    expect(bestRun([run('lucky', 0.7, 0.9), run('chosen', 0.8, 0.6)], auc)?.id).toBe('chosen');
  });

  test('of a front never depends on the test split', () => {
    const pairs = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(pairs, (values) => {
        const front = (tests: readonly number[]) => {
          const runs = values.map(([validation], i) => run(String(i), validation, tests[i], 1000 + i));
          return paretoFront(frontCandidates(runs, auc, 'test', runSizes.parameters), auc).map(
            ({ id }) => id,
          );
        };
        expect(front(values.map(([, value]) => value))).toEqual(front(values.map(([, value]) => 1 - value)));
      }),
    );
  });

  test('is among means over seeds, not among single seeds', () => {
    const runs = [run('a1', 0.9, 0.5, 1000, 1), run('a2', 0.5, 0.5, 1000, 2), run('b1', 0.75, 0.7, 2000, 1)];
    const front = paretoFront(frontCandidates(runs, auc, 'test', runSizes.parameters), auc);
    expect(front.map(({ id, value }) => [id, value])).toEqual([
      ['a1', 0.5],
      ['b1', 0.7],
    ]);
  });
});
