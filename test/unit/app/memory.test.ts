import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { changeKey, estimatedBytes } from '../../../src/app/memory/state.ts';
import { memoryOptions } from '../../../src/app/memory/memoryOptions.ts';
import { describeFitted, nameRun } from '../../../src/app/runs/runWords.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { type FakeSession, makeRun, openSession, tinyDataset, tinyPlan } from './fakeSession.ts';

let session: FakeSession;

beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
});
afterEach(() => vi.useRealTimers());

const memory = () => session.dimmer.store.getState().memory;
const rest = () => vi.advanceTimersByTime(120);

test('what settings take is asked for when they rest, not at every move of a slider', () => {
  rest();
  expect(session.engine.plans).toHaveLength(1);
  session.engine.plan();
  for (const alpha of [0.1, 0.2, 0.25]) {
    session.dimmer.settings.edit({ alpha });
    vi.advanceTimersByTime(100);
  }
  expect(session.engine.plans).toHaveLength(1);
  rest();
  expect(session.engine.plans.map(({ settings }) => settings.alpha)).toEqual([0.3, 0.25]);
});

test('nothing is trained for it', () => {
  const before = session.engine.requests.length;
  session.dimmer.settings.edit({ trainMemory: 2 });
  rest();
  expect(session.engine.plans.at(-1)!.settings.trainMemory).toBe(2);
  expect(session.engine.requests).toHaveLength(before);
});

test('one question is asked at a time, and the last one wins', () => {
  rest();
  for (const alpha of [0.1, 0.2]) {
    session.dimmer.settings.edit({ alpha });
    rest();
  }
  expect(session.engine.plans).toHaveLength(1);
  session.engine.plan(tinyPlan(1000));
  expect(session.engine.plans.map(({ settings }) => settings.alpha)).toEqual([0.3, 0.2]);
  session.engine.plan(tinyPlan(2000));
  expect(estimatedBytes(memory())).toBe(2000);
  // Late news of the first.
  session.engine.reply({ type: 'memory-plan', request: 1, plan: tinyPlan(5) });
  expect(estimatedBytes(memory())).toBe(2000);
});

test('every choice is known by what it would take, or that it cannot start', () => {
  rest();
  session.engine.plan();
  const { changes, request } = session.engine.plans[0];
  const totals = changes.map((_, i) => (i === 1 ? null : 100 + i));
  session.engine.reply({ type: 'memory-changes', request, totals });
  expect(memory().bytesOf[changeKey({})]).toBe(100);
  expect(memory().bytesOf[changeKey(changes[1])]).toBeNull();
  expect(memory().bytesOf[changeKey(changes.at(-1)!)]).toBe(100 + changes.length - 1);
});

test('a limit that nothing meets is said in place of a plan, until another one is there', () => {
  rest();
  const failure = { name: 'TrainingError', message: 'The least is 3 MB.', remedy: 'Give 3 MB.' };
  session.engine.reply({ type: 'no-memory-plan', request: 1, failure });
  expect(memory()).toMatchObject({ plan: null, failure });
  session.dimmer.settings.edit({ trainMemory: 3 });
  rest();
  session.engine.plan();
  expect(memory()).toMatchObject({ failure: null });
});

test('other data starts from nothing', async () => {
  rest();
  session.engine.plan();
  expect(memory().plan).not.toBeNull();
  await session.dimmer.data.openSample('ratings');
  expect(memory().plan).toBeNull();
  rest();
  expect(session.engine.plans).toHaveLength(2);
});

test('batches offered are powers of two that the data fills, and the one in use', () => {
  const { ids: _, numbers: __, labels: ___, ...dataset } = tinyDataset();
  const larger = { ...dataset, splits: { ...dataset.splits, train: { start: 0, count: 100 } } };
  const batchesOf = (batch: number | null) =>
    memoryOptions({ ...defaultSettings, batch }, larger)
      .find(({ name }) => name === 'batch')!
      .changes.map((change) => change.batch);
  expect(batchesOf(null)).toEqual([null, 64, 32, 16]);
  expect(batchesOf(50)).toEqual([null, 64, 50, 32, 16]);
});

test('a run is named after the memory it was given, and after what is approximate', () => {
  const nameOf = (changes: Partial<Settings>) => nameRun({ ...defaultSettings, ...changes });
  expect(nameOf({ trainMemory: 2.5 })).toBe('Mixed dimension α 0.30, in 2.5 MB');
  expect(nameOf({ activationBits: '8', gradientRank: 4 })).toBe(
    'Mixed dimension α 0.30, 8-bit activations, gradients of rank 4',
  );
  expect(nameOf({ activationBits: '32', gradientRank: 0 })).toBe('Mixed dimension α 0.30');
});

test('what a limit has chosen is said beside the name', () => {
  const run = makeRun('a');
  const settings = { ...run.result.settings, activationBits: '4', gradientRank: 16 } as const;
  const asked = { ...defaultSettings, trainMemory: 2, gradientRank: 16 };
  expect(describeFitted({ ...run, asked, result: { ...run.result, settings } })).toBe('4-bit activations');
  expect(describeFitted({ ...run, asked: defaultSettings })).toBe('');
});
