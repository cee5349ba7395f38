import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Settings } from '../../../src/settings/settings.ts';
import { clickMetrics, type FakeSession, openSession } from './fakeSession.ts';

const length = { totalSteps: 900, evaluateEvery: 10, learningRate: 0.001 };

let session: FakeSession;
const state = () => session.dimmer.store.getState();
const settle = () => vi.advanceTimersByTimeAsync(0);

/** Best at α = 0.2 and a rate of 0.003. */
const aucOf = ({ alpha, learningRate, method }: Settings): number =>
  0.8 -
  (method === 'mixed-dimension' ? Math.abs(alpha - 0.2) / 10 : 0.01) -
  Math.abs(Math.log(learningRate! / 0.003)) / 100;

/** As the engine does: a rung is left on its way. */
function finishCurrent(): void {
  const { id, settings, untilStep } = state().current!;
  session.engine.start(id);
  session.engine.evaluate(id, untilStep ?? 900, clickMetrics(settings.learningRate ? aucOf(settings) : 0.7));
  session.engine.finish(id, { reason: untilStep === undefined ? 'completed' : 'stopped' });
}

async function startSearch(): Promise<void> {
  void session.dimmer.search.search();
  await settle();
  const asked = session.engine.requests.at(-1);
  if (asked?.type !== 'find-lengths') throw new Error('no lengths were asked for');
  session.engine.reply({ type: 'lengths', lengths: asked.settings.map(() => length) });
  await settle();
}

beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
  finishCurrent();
  const axes = [{ name: 'alpha', values: '0.1, 0.2, 0.4' }] as const;
  session.dimmer.queue.choose({
    methods: ['uniform', 'mixed-dimension'],
    budgets: '1/2',
    axes,
    seeds: 2,
    rates: 3,
  });
});
afterEach(() => vi.useRealTimers());

describe('a search on the page', () => {
  test('finds the best settings, trains them with all seeds, and says with how many tries', async () => {
    await startSearch();
    expect(state().search).toMatchObject({ stage: 1, stages: 4, outcome: null });
    for (let i = 0; i < 100 && state().search?.outcome === null; i++) {
      if (state().current) finishCurrent();
      await settle();
    }
    const whole = state().runs.slice(1);
    expect(whole.map(({ asked: { method, seed } }) => `${method} ${seed}`).toSorted()).toEqual([
      'mixed-dimension 1',
      'mixed-dimension 2',
      'uniform 1',
      'uniform 2',
    ]);
    for (const { asked } of whole) expect(asked.learningRate).toBe(0.003);
    const outcome = state().search!.outcome!.join('\n');
    expect(outcome).toContain('Mixed dimension α 0.20, learning rate 0.003');
    expect(outcome).toContain('the best of 9 tries');
    expect(outcome).toContain('each method from 3 learning rates');
  });

  test('keeps no run that was left on its way, in the list or for the next visit', async () => {
    await startSearch();
    const rungs = [state().current!, ...state().queue];
    expect(rungs).toHaveLength(12);
    expect(session.storage.queued.size).toBe(0);
    finishCurrent();
    expect(state().runs).toHaveLength(1);
    const asked = session.engine.runs().filter(({ untilStep }) => untilStep !== undefined);
    expect(asked.length).toBeGreaterThan(0);
    for (const { untilStep } of asked) expect(untilStep! % length.evaluateEvery).toBe(0);
  });

  test('ends when one of its runs is cancelled, and another one may begin', async () => {
    await startSearch();
    session.dimmer.queue.cancel([state().queue[0].id]);
    await settle();
    expect(state().search).toBeNull();
    expect(state().queue).toEqual([]);
    finishCurrent();
    await startSearch();
    expect(state().search).toMatchObject({ outcome: null });
  });

  test('ends with its data', async () => {
    await startSearch();
    await session.dimmer.data.openSample('ratings');
    await settle();
    expect(state().search).toBeNull();
    expect(state().queue).toEqual([]);
  });

  test('takes a run that failed for the worst', async () => {
    await startSearch();
    const { id } = state().current!;
    session.engine.reply({ type: 'failed', runId: id, failure: { name: 'E', message: 'm', remedy: 'r' } });
    for (let i = 0; i < 100 && state().search?.outcome === null; i++) {
      if (state().current) finishCurrent();
      await settle();
    }
    expect(state().search!.outcome).not.toBeNull();
  });

  test('says why it cannot begin', async () => {
    void session.dimmer.search.search();
    await settle();
    const failure = { name: 'TrainingError', message: 'DLRM cannot be trained here.', remedy: 'Choose.' };
    session.engine.reply({ type: 'lengths', lengths: failure });
    await settle();
    expect(state().search).toBeNull();
    expect(state().notices.at(-1)?.title).toContain('DLRM cannot be trained here.');
  });
});
