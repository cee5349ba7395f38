import { beforeEach, describe, expect, test, vi } from 'vitest';
import { listTestMetrics } from '../../../src/app/inspect/testMetrics.ts';
import { formatChange } from '../../../src/app/inspect/inspectWords.ts';
import { uniformAt } from '../../../src/app/runs/runRecord.ts';
import type { Inspection } from '../../../src/worker/inspectRun.ts';
import { type FakeSession, makeResult, openSession } from './fakeSession.ts';

let session: FakeSession;
const state = () => session.dimmer.store.getState();
const asked = () => session.engine.requests.filter((request) => request.type === 'inspect');
const settled = async () => {
  await vi.waitFor(() => expect(state().inspection.kind === 'pending' && asked().length === 0).toBe(false));
};

beforeEach(async () => {
  session = await openSession();
});

/** Trains the settings of the page to their end. */
function finish(method: 'uniform' | 'hashing', predictions?: Float32Array): string {
  session.dimmer.settings.change({ method });
  const { id } = state().current!;
  session.engine.start(id);
  const { settings } = makeResult();
  const result = makeResult({
    settings: { ...settings, ...state().current!.settings, budget: 400 } as never,
  });
  const event = { kind: 'finished', result, testPredictions: predictions } as const;
  session.engine.event(id, event);
  return id;
}

const inspectionOf = (field: number): Inspection => ({ field, examples: 3, differences: null, slices: [] });

describe('a run that is inspected', () => {
  test('is compared with the uniform run of its budget and seed, by the predictions of both', async () => {
    finish('uniform', Float32Array.of(1, 2, 3));
    const own = finish('hashing', Float32Array.of(4, 5, 6));
    expect(uniformAt(state().runs, 400)).toHaveLength(1);
    session.dimmer.inspect.open(own);
    await settled();
    expect(asked()).toEqual([
      {
        type: 'inspect',
        runId: own,
        field: 0,
        predictions: Float32Array.of(4, 5, 6),
        reference: Float32Array.of(1, 2, 3),
      },
    ]);
    session.engine.reply({ type: 'inspection', runId: own, inspection: inspectionOf(0) });
    expect(state().dialog).toBe('run');
    expect(state().inspection).toMatchObject({ kind: 'ready', reference: { run: state().runs[0].name } });
  });

  test('says what is missing where there is no uniform run, or where its predictions are gone', async () => {
    const own = finish('hashing', Float32Array.of(4, 5, 6));
    session.dimmer.inspect.open(own);
    await settled();
    session.engine.reply({ type: 'inspection', runId: own, inspection: inspectionOf(0) });
    expect(state().inspection).toMatchObject({
      reference: { missing: expect.stringContaining('no uniform run') },
    });
    finish('uniform');
    session.dimmer.inspect.open(own);
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    session.engine.reply({ type: 'inspection', runId: own, inspection: inspectionOf(0) });
    expect(state().inspection).toMatchObject({
      reference: { missing: expect.stringContaining('no longer kept') },
    });
  });

  test('of which no predictions are kept asks nothing, and says so', async () => {
    session.dimmer.inspect.open(finish('hashing'));
    await vi.waitFor(() => expect(state().inspection).toEqual({ kind: 'gone' }));
    expect(asked()).toEqual([]);
  });

  test('takes no answer about another run or field', async () => {
    const own = finish('hashing', Float32Array.of(4, 5, 6));
    session.dimmer.inspect.open(own);
    session.dimmer.inspect.chooseField(1);
    await settled();
    session.engine.reply({ type: 'inspection', runId: own, inspection: inspectionOf(0) });
    session.engine.reply({ type: 'inspection', runId: 'other', inspection: inspectionOf(1) });
    expect(state().inspection.kind).toBe('pending');
    session.engine.reply({ type: 'inspection', runId: own, inspection: inspectionOf(1) });
    expect(state().inspection.kind).toBe('ready');
  });
});

test('predictions leave with their run, and come back with it', async () => {
  const own = finish('hashing', Float32Array.of(4, 5, 6));
  await vi.waitFor(() => expect([...session.predictions.files.keys()]).toEqual([own]));
  session.dimmer.runList.remove([own]);
  await vi.waitFor(() => expect(session.predictions.files.size).toBe(0));
  state().notices.at(-1)!.actions![0].perform();
  await vi.waitFor(() => expect([...session.predictions.files.keys()]).toEqual([own]));
});

test('metrics are listed with their intervals, the accuracy beside that of the majority', () => {
  const bounds = { low: 0.6, high: 0.8 };
  const result = makeResult({
    auc: 0.7,
    testIntervals: { auc: bounds },
    testReport: {
      examples: 100,
      baseRate: 0.25,
      normalizedEntropy: { value: 0.9, ...bounds },
      calibration: { value: 1, ...bounds },
      accuracy: { value: 0.75, ...bounds },
      calibrationError: 0.01,
      reliability: [],
    },
  });
  const listed = listTestMetrics(result);
  expect(listed.map(({ label }) => label)).toEqual([
    'AUC',
    'Log loss',
    'Normalised entropy',
    'Calibration',
    'Accuracy',
    '… of the majority',
  ]);
  expect(listed.map(({ interval }) => interval)).toEqual([
    bounds,
    undefined,
    bounds,
    bounds,
    bounds,
    undefined,
  ]);
});

test('a difference whose interval holds 0 is told in words', () => {
  const difference = { value: 0.0031, standardError: 0.001, pValue: 0.01 };
  expect(formatChange({ ...difference, low: 0.0012, high: 0.005 })).toBe('+0.0031 (+0.0012 to +0.0050)');
  expect(formatChange({ ...difference, low: -0.0012, high: 0.005 })).toBe(
    'no effect shown: +0.0031 (−0.0012 to +0.0050)',
  );
  expect(formatChange({ ...difference, low: NaN, high: NaN })).toBe('–');
});
