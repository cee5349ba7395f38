import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeSession, openSession } from './fakeSession.ts';

let session: FakeSession;
const state = () => session.dimmer.store.getState();
const queue = () => session.dimmer.queue;

/** Ends whatever is in progress, as the engine does. */
function finishCurrent(): void {
  const { id } = state().current!;
  session.engine.start(id);
  session.engine.finish(id);
}

const methods = ['uniform', 'mixed-dimension'] as const;

beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
  finishCurrent();
  queue().choose({ methods, budgets: '1/4, 1/2', seeds: 2 });
});
afterEach(() => vi.useRealTimers());

describe('a comparison', () => {
  test('trains every method at every budget with every seed, one after the other', () => {
    queue().compare();
    expect(state().queue).toHaveLength(7);
    while (state().current) finishCurrent();
    const trained = state().runs.slice(1);
    const cells = trained.map(({ asked: { method, budget, seed } }) => `${method} ${budget} ${seed}`);
    expect(new Set(cells).size).toBe(8);
    expect(new Set(trained.map(({ comparison }) => comparison)).size).toBe(1);
    expect(session.storage.queued.size).toBe(0);
  });

  test('gives settings every combination of their values, once where a method does not read them', () => {
    const axes = [
      { name: 'alpha', values: '0.1, 0.4' },
      { name: 'learningRate', values: '0.01, auto' },
    ] as const;
    queue().choose({ budgets: '1/2', axes, seeds: 1 });
    queue().compare();
    while (state().current) finishCurrent();
    const trained = state().runs.map(({ asked: { method, alpha, learningRate } }) =>
      [method, ...(method === 'uniform' ? [] : [alpha]), learningRate].join(' '),
    );
    for (const rate of ['0.01', ''])
      for (const cell of [`uniform ${rate}`, `mixed-dimension 0.1 ${rate}`, `mixed-dimension 0.4 ${rate}`])
        expect(trained).toContain(cell);
    const names = state().runs.map(({ name }) => name);
    expect(names).toContain('Mixed dimension α 0.40, learning rate 0.01');
    const asked = session.engine.runs().length;
    queue().compare();
    expect(session.engine.runs()).toHaveLength(asked);
  });

  test('says what is wrong with a value of a setting', () => {
    queue().choose({ axes: [{ name: 'alpha', values: '0.1, 7' }] });
    queue().compare();
    expect(state().queue).toHaveLength(0);
    expect(state().notices.at(-1)).toMatchObject({ title: expect.stringContaining('Temperature α') });
  });

  test('waits behind the run in progress', () => {
    session.dimmer.runs.start();
    const asked = session.engine.runs().length;
    queue().compare();
    expect(state().queue).toHaveLength(8);
    expect(session.engine.runs()).toHaveLength(asked);
  });

  test('does not train again what is there', () => {
    queue().compare();
    while (state().current) finishCurrent();
    const trained = session.engine.runs().length;
    queue().compare();
    expect(state().current).toBeNull();
    queue().choose({ seeds: 3 });
    queue().compare();
    while (state().current) finishCurrent();
    expect(session.engine.runs().length - trained).toBe(4);
  });

  test('leaves out what cannot be reached, and says what is wrong with a budget', () => {
    queue().choose({ budgets: '20, 1/2' });
    queue().compare();
    expect(state().queue).toHaveLength(3);
    queue().choose({ budgets: 'much' });
    queue().compare();
    expect(state().notices.at(-1)?.remedy).toContain('Give');
    expect(state().queue).toHaveLength(3);
  });

  test('makes room for a run that is asked for now, and starts the interrupted one anew', () => {
    queue().compare();
    const interrupted = state().current!;
    session.engine.start(interrupted.id);
    session.dimmer.settings.change({ alpha: 0.9 });
    expect(state().current?.settings.alpha).toBe(0.9);
    expect(state().queue).toHaveLength(8);
    session.engine.finish(interrupted.id, { reason: 'stopped' });
    expect(state().runs).toHaveLength(1);
    finishCurrent();
    expect(state().current?.settings).toEqual(interrupted.settings);
    expect(state().current?.id).not.toBe(interrupted.id);
  });
});

describe('the queue', () => {
  beforeEach(() => queue().compare());

  test('can be paused between runs and within one', () => {
    queue().pause();
    expect(session.engine.requests.at(-1)).toEqual({ type: 'pause' });
    finishCurrent();
    expect(state().current).toBeNull();
    queue().resume();
    expect(state().current).not.toBeNull();
  });

  test('goes on within a run that was paused', () => {
    queue().pause();
    session.engine.reply({ type: 'paused', paused: true });
    queue().resume();
    expect(session.engine.requests.at(-1)).toEqual({ type: 'resume' });
  });

  test('can lose one run, and get it back in its place', () => {
    const before = state().queue.map(({ settings }) => settings);
    queue().cancel([state().queue[3].id]);
    expect(state().queue.map(({ settings }) => settings)).toEqual(before.toSpliced(3, 1));
    state().notices.at(-1)!.actions![0].perform();
    expect(state().queue.map(({ settings }) => settings)).toEqual(before);
  });

  test('goes on with the next one when the run in progress is cancelled, and keeps nothing of it', () => {
    const { id } = state().current!;
    session.engine.start(id);
    queue().cancel([id]);
    expect(session.engine.requests.slice(-2).map(({ type }) => type)).toEqual(['cancel', 'run']);
    session.engine.finish(id, { reason: 'stopped' });
    expect(state().runs).toHaveLength(1);
    expect(state().queue).toHaveLength(6);
    expect(session.storage.queued.size).toBe(7);
  });

  test('can be cancelled as a whole', () => {
    queue().cancel([state().current!.id, ...state().queue.map(({ id }) => id)]);
    expect(state().current).toBeNull();
    expect(state().queue).toEqual([]);
    expect(session.storage.queued.size).toBe(0);
  });

  test('goes on after a run that failed', () => {
    const { id } = state().current!;
    const failure = { name: 'TrainingError', message: 'No.', remedy: 'Do.' };
    session.engine.reply({ type: 'failed', runId: id, failure });
    expect(state().current?.id).not.toBe(id);
    expect(state().queue).toHaveLength(6);
  });

  test('lets the uniform baseline go first', () => {
    queue().trainUniformBaseline();
    expect(state().queue[0].queued.comparison).toBeNull();
  });
});

describe('a queue that outlives its page', () => {
  test('waits until the user says so, the run that was in progress included', async () => {
    queue().compare();
    finishCurrent();
    const left = [state().current!, ...state().queue].map(({ settings }) => settings);
    session = await openSession({}, session.storage);
    await vi.runAllTimersAsync();
    expect(state().queue.map(({ settings }) => settings)).toEqual(left);
    finishCurrent();
    expect(state().current).toBeNull();
    queue().resume();
    while (state().current) finishCurrent();
    expect(state().queue).toEqual([]);
  });

  test('waits for its data', async () => {
    queue().compare();
    await session.dimmer.data.openSample('ratings');
    expect(state().queue).toHaveLength(8);
    finishCurrent();
    expect(state().current).toBeNull();
    await session.dimmer.data.openSample('clicks');
    finishCurrent();
    expect(state().queue).toHaveLength(7);
    expect(state().current?.queued?.datasetName).toBe('clicks');
  });
});
