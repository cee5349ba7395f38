import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeAccuracy } from '../../../src/app/accuracy/accuracyData.ts';
import { isQueued, type QueuedRun } from '../../../src/app/runs/requestedRun.ts';
import { orderCompressions, whyNotCompressed } from '../../../src/app/models/compressedRuns.ts';
import { exportRuns } from '../../../src/app/runs/exportRuns.ts';
import { metricFor } from '../../../src/app/accuracy/metrics.ts';
import { notYetTrained } from '../../../src/app/compare/queueProgress.ts';
import { bestRun, uniformAt } from '../../../src/app/runs/runRecord.ts';
import { describeReason } from '../../../src/app/runs/runWords.ts';
import { runSizes } from '../../../src/app/runs/runSize.ts';
import { seedGroups } from '../../../src/app/runs/seedGroups.ts';
import type { CompressedResult } from '../../../src/training/events/events.ts';
import type { EngineRequest } from '../../../src/worker/protocol.ts';
import { type FakeSession, makeResult, openSession } from './fakeSession.ts';

let session: FakeSession;
const state = () => session.dimmer.store.getState();
const file = new Blob(['weights']);
/** Whatever is stored in memory is there when it is over. */
const settled = () => vi.advanceTimersByTimeAsync(0);
const asked = () => session.engine.requests.filter((request) => request.type === 'compress');
const metric = metricFor('click', null);

/** 44 rows of 8 floats, with their model. */
async function trainFull(): Promise<void> {
  session.dimmer.settings.change({ method: 'full', vectorDim: 8, seed: state().settings.seed + 1 });
  const { id } = state().current!;
  session.engine.start(id);
  const { settings } = makeResult();
  const own = { ...settings, ...state().current!.settings, budget: 352 } as typeof settings;
  const { allocation } = makeResult({ parameters: 352 });
  session.engine.finish(
    id,
    { settings: own, allocation: { ...allocation, method: 'full', dims: [8, 8] } },
    file,
  );
  await settled();
}

function made(
  { compression }: Extract<EngineRequest, { type: 'compress' }>,
  steps: number,
  auc: number,
): CompressedResult {
  const { by, budgets } = compression;
  const { settings } = state().runs[0].result;
  const outcome = { by, budget: budgets[0], lostEnergy: 0.1, steps };
  return { ...makeResult({ parameters: budgets[0] - 1, auc, settings }), steps, compressed: outcome };
}

/** Plays the engine for the compression in progress. */
async function answer(auc = 0.68): Promise<void> {
  const request = asked().at(-1)!;
  const { runId, compression } = request;
  for (const steps of compression.fineTuneSteps > 0 ? [0, compression.fineTuneSteps] : [0]) {
    const result = made(request, steps, auc);
    session.engine.reply({ type: 'event', runId, event: { kind: 'compressed', result }, file });
  }
  session.engine.reply({ type: 'compression-ended', runId });
  await settled();
}

beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
  await trainFull();
});
afterEach(() => vi.useRealTimers());

describe('a finished run', () => {
  test('leaves its model, which is forgotten with it and comes back with it', async () => {
    const [{ id }] = state().runs;
    expect(state().models).toEqual([id]);
    session.dimmer.runList.remove([id]);
    await settled();
    expect([state().models, session.models.files.size]).toEqual([[], 0]);
    state().notices.at(-1)!.actions![0].perform();
    await settled();
    expect([state().models, session.models.files.get(id)]).toEqual([[id], file]);
  });

  test('is there without its model where that cannot be stored, and that is said', async () => {
    session.models.put = () => Promise.reject(new Error('no room'));
    await trainFull();
    expect(state().runs).toHaveLength(2);
    expect(state().models).toHaveLength(1);
    expect(state().notices.map(({ title }) => title)).toContain('no room');
  });

  test('can be compressed after a reload', async () => {
    const { dimmer } = await openSession({}, session.storage, session.models);
    await settled();
    expect(dimmer.store.getState().models).toEqual([state().runs[0].id]);
  });
});

describe('compressing', () => {
  test('waits for the run in progress, then makes one model after the other, and stores all', async () => {
    const [run] = state().runs;
    session.dimmer.runs.start();
    const { id } = state().current!;
    session.dimmer.models.choose({ budgets: '1/2, 100', fineTuneSteps: 20 });
    session.dimmer.models.compress(run);
    await settled();
    expect(asked()).toEqual([]);
    expect(state().queue.map(({ name }) => name)).toEqual([
      `${run.name}, truncated to 176`,
      `${run.name}, truncated to 100`,
    ]);
    session.engine.start(id);
    session.engine.finish(id);
    await settled();
    expect(asked()[0]).toMatchObject({
      file,
      compression: { by: 'truncate', budgets: [176], fineTuneSteps: 20 },
    });
    await answer();
    await answer();
    const names = state()
      .runs.slice(2)
      .map(({ name }) => name);
    expect(names).toEqual(
      [176, 100].flatMap((budget) =>
        ['', ', +20 steps'].map((rest) => `${run.name}, truncated to ${budget}${rest}`),
      ),
    );
    expect([state().current, state().queue, session.storage.queued.size]).toEqual([null, [], 0]);
    for (const { id: own } of state().runs.slice(2)) {
      expect(session.storage.stored.has(own)).toBe(true);
      expect(state().models).toContain(own);
    }
    expect(describeReason(state().runs.at(-1)!)).toBe(
      'Compressed after training, truncated, +20 steps, 10.00 % of the vectors’ energy lost',
    );
  });

  test('gives way to a run and begins anew after it, each model once', async () => {
    const [run] = state().runs;
    session.dimmer.models.choose({ budgets: '100', fineTuneSteps: 20 });
    session.dimmer.models.compress(run);
    await settled();
    const [first] = asked();
    const result = made(first, 0, 0.6);
    session.engine.reply({ type: 'event', runId: first.runId, event: { kind: 'compressed', result }, file });
    session.dimmer.settings.change({ alpha: 0.6, method: 'mixed-dimension' });
    expect(session.engine.requests.at(-1)!.type).toBe('run');
    session.engine.reply({ type: 'compression-ended', runId: first.runId });
    const { id } = state().current!;
    session.engine.start(id);
    session.engine.finish(id);
    await settled();
    expect(asked()).toHaveLength(2);
    await answer();
    expect(state().runs.map(({ result: own }) => own.compressed?.steps)).toEqual([
      undefined,
      undefined,
      0,
      20,
    ]);
  });

  test('of a model that is gone says so, and what waits goes on', async () => {
    const [run] = state().runs;
    session.models.files.clear();
    session.dimmer.models.choose({ budgets: '100', fineTuneSteps: 0 });
    session.dimmer.models.compress(run);
    await settled();
    expect(asked()).toEqual([]);
    expect(state().current).toBeNull();
    expect(state().notices.at(-1)!.title).toMatch(/no longer kept/);
  });

  test('can be cancelled', async () => {
    const [run] = state().runs;
    session.dimmer.models.compress(run);
    await settled();
    const waiting = [state().current!, ...state().queue].filter(isQueued);
    session.dimmer.queue.cancel(waiting.map((run: QueuedRun) => run.id));
    expect(session.engine.requests.at(-1)!.type).toBe('cancel');
    expect([state().current, state().queue]).toEqual([null, []]);
  });

  test('leaves out what a way cannot reach, and refuses runs whose ids share rows', () => {
    const [run] = state().runs;
    const plan = (by: 'truncate' | 'quantise' | 'hash', budgets: string) =>
      orderCompressions(run, { by, budgets, fineTuneSteps: 0 }, state().dataset!);
    expect(plan('truncate', '1/2, 20').orders.map(({ budget }) => budget)).toEqual([176]);
    // 44 rows of 8 floats at 4 bits: 44 words, and two more a row.
    expect(plan('quantise', '132, 131').unreachable).toMatchObject([
      { budget: 131, message: expect.stringContaining('take 132') },
    ]);
    expect(plan('hash', '1/8, 16').orders.map(({ budget }) => budget)).toEqual([44, 16]);
    expect(() => plan('hash', 'some')).toThrow();
    expect(whyNotCompressed(run)).toBe('');
    const hashed = {
      ...run,
      result: { ...run.result, settings: { ...run.result.settings, method: 'hashing' } },
    };
    expect(whyNotCompressed(hashed as typeof run)).toMatch(/share what is stored/);
  });
});

test('what is made of a model is drawn, joined to it and exported, but is no evidence of its settings', async () => {
  const [run] = state().runs;
  session.dimmer.models.choose({ by: 'quantise', budgets: '1/2', fineTuneSteps: 20 });
  session.dimmer.models.compress(run);
  await settled();
  await answer(0.9);
  const { runs, dataset } = state();
  const scene = composeAccuracy(dataset!, runs, null, metric, 'test', runSizes.parameters, [10, 1000]);
  expect(scene.points).toHaveLength(3);
  expect(scene.paths.map(({ points }) => points.map(({ size }) => size))).toEqual([
    [352, 175],
    [175, 175],
  ]);
  expect(scene.front.map(({ size }) => size)).toContain(175);
  expect(bestRun(runs, metric)!.result.compressed).toBeDefined();
  expect(seedGroups(runs, metric, 'test', runSizes.parameters)).toEqual([]);
  expect(uniformAt(runs, 176)).toEqual([]);
  const planned = [{ settings: { ...run.asked, budget: 176 } }] as unknown as Parameters<
    typeof notYetTrained
  >[0];
  expect(notYetTrained(planned, runs)).toHaveLength(1);
  const [header, ...rows] = exportRuns(runs, 'csv').trim().split('\n');
  expect(header).toMatch(/madeOf,compressedBy,lostEnergy$/);
  expect(rows[1]).toMatch(new RegExp(`${run.id},quantise,0.1$`));
  expect(JSON.parse(exportRuns(runs, 'json'))[2]).toMatchObject({
    madeOf: runs[1].id,
    compressed: { by: 'quantise', steps: 20 },
  });
});
