import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeSession, makeRun, openSession } from './fakeSession.ts';

let session: FakeSession;
const state = () => session.dimmer.store.getState();

beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
});
afterEach(() => vi.useRealTimers());

describe('opening a data set', () => {
  test('hands it to the engine and trains at once', () => {
    expect(session.engine.requests.map(({ type }) => type)).toEqual(['dataset', 'run']);
    expect(state().current?.id).toBe(session.engine.runs()[0].runId);
  });

  test('keeps what charts need and not the examples', () => {
    expect(state().dataset?.fields[1].counts).toHaveLength(40);
    expect(state().dataset).not.toHaveProperty('ids');
  });

  test('forgets the budget of other data, but not α', async () => {
    session.dimmer.settings.change({ budget: 123, alpha: 0.7 });
    await session.dimmer.data.openSample('ratings');
    expect(state().settings.budget).toBeNull();
    expect(state().settings.alpha).toBe(0.7);
    expect(state().budget).toBe(4 * 44);
  });
});

describe('a drag', () => {
  test('allocates at every input and starts one run, on release', () => {
    const dims = new Set<unknown>();
    for (const alpha of [0.35, 0.4, 0.5]) {
      session.dimmer.settings.edit({ alpha });
      dims.add(state().allocation);
    }
    expect(dims.size).toBe(3);
    expect(session.engine.runs()).toHaveLength(1);
    session.dimmer.settings.commit();
    expect(session.engine.runs().map(({ settings }) => settings.alpha)).toEqual([0.3, 0.5]);
  });

  test('is one entry of undo, and undo trains again what was before', () => {
    for (const alpha of [0.35, 0.4, 0.5]) session.dimmer.settings.edit({ alpha });
    session.dimmer.settings.commit();
    session.dimmer.settings.undo();
    expect(state().settings.alpha).toBe(0.3);
    expect(session.engine.runs().at(-1)!.settings.alpha).toBe(0.3);
    session.dimmer.settings.redo();
    expect(state().settings.alpha).toBe(0.5);
  });

  test('back to where it began starts nothing and leaves no entry', () => {
    session.dimmer.settings.edit({ alpha: 0.6 });
    session.dimmer.settings.edit({ alpha: 0.3 });
    session.dimmer.settings.commit();
    expect(session.engine.runs()).toHaveLength(1);
    expect(state().history.past).toHaveLength(0);
  });

  test('never shows more parameters than the budget', () => {
    for (let budget = 60; budget < 3000; budget += 37) {
      session.dimmer.settings.edit({ budget });
      expect(state().allocation!.parameters).toBeLessThanOrEqual(budget);
    }
  });
});

test('keys start the run 300 ms after the last press', () => {
  session.dimmer.settings.edit({ alpha: 0.35 });
  session.dimmer.settings.commitAfterRest();
  vi.advanceTimersByTime(200);
  session.dimmer.settings.edit({ alpha: 0.4 });
  session.dimmer.settings.commitAfterRest();
  vi.advanceTimersByTime(299);
  expect(session.engine.runs()).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(session.engine.runs().map(({ settings }) => settings.alpha)).toEqual([0.3, 0.4]);
});

test('a budget below one float a row says so, keeps training, and starts nothing', () => {
  session.dimmer.settings.change({ budget: 16 });
  expect(state().allocation).toBeNull();
  expect(state().allocationFailure?.message).toContain('44');
  expect(session.engine.runs()).toHaveLength(1);
  expect(state().notices.at(-1)?.remedy).toContain('44');
});

describe('a run that ends', () => {
  test('becomes a record with its lines and is stored', () => {
    const { runId } = session.engine.runs()[0];
    session.engine.start(runId);
    session.engine.progress(runId, 1, [0.7, 0.6, 0.5]);
    session.engine.evaluate(runId, 3);
    session.engine.finish(runId);
    const [run] = state().runs;
    expect(run.trainLoss.values.map((loss) => Number(loss.toFixed(3)))).toEqual([0.7, 0.6, 0.5]);
    expect(run.validationLoss.steps).toEqual([3]);
    expect(state().current).toBeNull();
    expect(session.storage.stored.has(runId)).toBe(true);
  });

  test('because another took its place is the previous run, and enters the list only if kept', () => {
    const first = session.engine.runs()[0].runId;
    session.engine.progress(first, 1, [0.7]);
    session.dimmer.settings.change({ alpha: 0.5 });
    session.engine.finish(first, { reason: 'stopped' });
    expect(state().runs).toHaveLength(0);
    expect(state().previousRun?.id).toBe(first);
    expect(state().previousRun?.trainLoss.values).toHaveLength(1);
    expect(state().current?.id).toBe(session.engine.runs()[1].runId);
    session.dimmer.runList.keepPreviousRun();
    expect(state().runs.map(({ id }) => id)).toEqual([first]);
  });

  test('of a data set that is gone is ignored', async () => {
    const { runId } = session.engine.runs()[0];
    await session.dimmer.data.openSample('ratings');
    session.engine.finish(runId);
    expect(state().runs).toHaveLength(0);
  });

  test('by divergence says what to do', () => {
    session.engine.finish(session.engine.runs()[0].runId, {
      reason: 'diverged',
      message: 'Loss is NaN at step 7.',
    });
    expect(state().notices.at(-1)?.title).toContain('NaN at step 7');
    expect(state().notices.at(-1)?.remedy).toContain('learning rate');
  });
});

describe('a drag that keeps what is learnt', () => {
  const changes = () => session.engine.requests.filter((request) => request.type === 'change-size');
  const runId = () => session.engine.runs()[0].runId;
  const drag = (alpha: number) => session.dimmer.settings.change({ alpha });
  beforeEach(() => {
    session.engine.start(runId());
    session.dimmer.ui.show({ keepsLearnt: true });
  });

  test('asks for another size of the run in progress, and undo for the weights it had', () => {
    drag(0.5);
    session.engine.resize(runId());
    session.dimmer.settings.undo();
    expect(changes().map(({ change }) => change.kind)).toEqual(['resize', 'undo']);
    session.dimmer.settings.redo();
    expect(changes().map(({ change }) => change.kind)).toEqual(['resize', 'undo', 'resize']);
    expect(session.engine.runs()).toHaveLength(1);
    expect(state().current?.settings.alpha).toBe(0.5);
  });

  test('that the engine refuses leaves the run as it was, and offers a new one', () => {
    drag(0.5);
    session.engine.event(runId(), {
      kind: 'resize-refused',
      step: 3,
      message: 'Too small.',
      remedy: 'Grow.',
    });
    expect(state().current).toMatchObject({ name: 'Mixed dimension α 0.30', settings: { alpha: 0.3 } });
    expect(state().notices.at(-1)?.title).toBe('Mixed dimension α 0.50: Too small.');
    // The run has the size of before: there is nothing to take back.
    session.dimmer.settings.undo();
    expect(changes()).toHaveLength(1);
    expect(session.engine.runs()).toHaveLength(1);
    state().notices.at(-1)!.actions![0].perform();
    expect(session.engine.runs()).toHaveLength(2);
  });

  test('of anything but α and the budget starts a new run', () => {
    session.dimmer.settings.change({ batch: 8 });
    expect(changes()).toEqual([]);
    expect(session.engine.runs()).toHaveLength(2);
  });
});

test('the uniform baseline waits its turn, has the same budget, and takes over when it starts', () => {
  const first = session.engine.runs()[0].runId;
  session.dimmer.queue.trainUniformBaseline();
  expect(state().queue).toHaveLength(1);
  expect(session.engine.runs()).toHaveLength(1);
  session.engine.finish(first);
  const baseline = session.engine.runs()[1];
  expect(baseline.settings).toMatchObject({ method: 'uniform', budget: state().budget });
  expect(state().current?.id).toBe(baseline.runId);
  expect(state().queue).toHaveLength(0);
});

test('a step with nothing in progress starts a run and pauses it after one step', () => {
  session.engine.finish(session.engine.runs()[0].runId);
  session.dimmer.runs.step();
  expect(session.engine.requests.slice(-2).map(({ type }) => type)).toEqual(['run', 'step']);
});

test('deleting a run offers to undo', async () => {
  session.dimmer.store.setState({ runs: [makeRun('a'), makeRun('b', { createdAt: 1 })] });
  session.dimmer.runList.remove(['a']);
  expect(state().runs.map(({ id }) => id)).toEqual(['b']);
  state().notices.at(-1)!.actions![0].perform();
  expect(state().runs.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(session.storage.stored.has('a')).toBe(true);
});

test('a failed run is said with its remedy, and the page can train again', () => {
  const { runId } = session.engine.runs()[0];
  session.engine.reply({
    type: 'failed',
    runId,
    failure: { name: 'BackendError', message: 'The device is lost.', remedy: 'Train again on the CPU.' },
  });
  expect(state().current).toBeNull();
  expect(state().notices.at(-1)).toMatchObject({
    kind: 'error',
    remedy: 'Train again on the CPU.',
    diagnostics: true,
  });
  session.dimmer.runs.playOrPause();
  expect(session.engine.runs()).toHaveLength(2);
});

test('a fallback to the CPU is explained once, and not again after it was dismissed', () => {
  const fallback = { name: 'BackendError', message: 'No adapter.', remedy: 'Update the driver.' };
  const status = { kind: 'cpu', adapter: 'CPU', fallback } as const;
  session.engine.reply({ type: 'backend', status });
  session.dimmer.ui.dismiss(state().notices.at(-1)!.id);
  session.engine.reply({ type: 'backend', status });
  expect(state().notices).toEqual([]);
  expect(state().backend?.fallback?.remedy).toBe('Update the driver.');
});

test('a broken file leaves data, run and list as they were', async () => {
  const broken = Object.assign(new Error('shop.csv, line 3, column 2: not a number'), { remedy: 'Mend it.' });
  session = await openSession({ inspect: () => Promise.reject(broken) });
  const before = state();
  await session.dimmer.data.openFile(new File(['x'], 'shop.csv'));
  expect(state().dataset).toBe(before.dataset);
  expect(state().current).toBe(before.current);
  expect(state().loading).toBeNull();
  expect(state().notices.at(-1)).toMatchObject({ title: broken.message, remedy: 'Mend it.' });
});

test('live metrics change at most six times a second, whatever the engine sends', () => {
  const { runId } = session.engine.runs()[0];
  vi.advanceTimersByTime(1000);
  let changes = 0;
  session.dimmer.live.subscribe(() => changes++);
  for (let step = 1; step <= 1000; step++) {
    session.engine.progress(runId, step, [0.5], 1000);
    vi.advanceTimersByTime(1);
  }
  expect(changes).toBeGreaterThanOrEqual(5);
  expect(changes).toBeLessThanOrEqual(7);
  expect(session.dimmer.live.getState().step).toBeGreaterThan(800);
});
