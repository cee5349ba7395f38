import { expect, test } from 'vitest';
import type { QueuedRun } from '../../../src/app/runs/requestedRun.ts';
import { phaseOf } from '../../../src/app/runs/runLife.ts';
import { readNote, type RunNote, writeNote } from '../../../src/app/runs/runNote.ts';
import { describeReason } from '../../../src/app/runs/runWords.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { clickMetrics, type FakeSession, MemoryRunStorage, openSession, tinyDataset } from './fakeSession.ts';

const gone: Failure = { name: 'BackendError', message: 'The graphics device was lost.', remedy: '' };
const key = tinyDataset('clicks').fingerprint;
const note: RunNote = {
  name: 'Mixed dimension α 0.30',
  settings: defaultSettings,
  datasetKey: key,
  datasetName: 'clicks',
};
const left = (own: Partial<RunNote> = {}, runId = 'left') => ({
  runId,
  data: { name: 'clicks', fingerprint: 'f' },
  note: writeNote({ ...note, ...own }),
  step: 480,
});
const withLeft = (...runs: ReturnType<typeof left>[]): Promise<FakeSession> =>
  openSession(undefined, undefined, undefined, runs);
const titles = ({ dimmer }: FakeSession): string[] => dimmer.store.getState().notices.map((n) => n.title);

test('a run whose device is lost shows what it knew at its checkpoint, and goes on', async () => {
  const session = await openSession();
  const { dimmer, engine } = session;
  const [{ runId }] = engine.runs();
  engine.start(runId);
  engine.progress(runId, 1, [1, 0.9, 0.8, 0.7]);
  engine.evaluate(runId, 4);
  engine.reply({ type: 'recovering', runId, failure: gone });
  expect(phaseOf(dimmer.store.getState())).toBe('recovering');
  expect(titles(session)).toEqual([gone.message]);
  engine.start(runId);
  engine.event(runId, {
    kind: 'resumed',
    step: 2,
    totalSteps: 100,
    losses: Float32Array.of(1, 0.9),
    evaluations: [{ step: 2, metrics: clickMetrics(0.6) }],
    stages: [],
    trainedOn: [
      { afterStep: 0, backend: 'webgpu', adapter: 'a GPU' },
      { afterStep: 2, backend: 'cpu', adapter: 'the CPU' },
    ],
  });
  engine.progress(runId, 3, [0.85]);
  expect(phaseOf(dimmer.store.getState())).toBe('running');
  expect(titles(session).at(-1)).toBe('“Mixed dimension α 0.30” goes on from step 2, on the CPU.');
  engine.finish(runId, {
    trainedOn: [
      { afterStep: 0, backend: 'webgpu', adapter: 'a' },
      { afterStep: 2, backend: 'cpu', adapter: 'b' },
    ],
  });
  const [run] = dimmer.store.getState().runs;
  expect([run.trainLoss.steps.at(-1), run.validationLoss.steps]).toEqual([3, [2]]);
  expect(describeReason(run)).toBe('Completed; interrupted, and went on from step 2 on the CPU');
});

test('a run that begins anew, since it had no checkpoint yet, loses the steps that are undone', async () => {
  const { dimmer, engine } = await openSession();
  const [{ runId }] = engine.runs();
  engine.start(runId);
  engine.progress(runId, 1, [1, 0.9, 0.8]);
  engine.reply({ type: 'recovering', runId, failure: gone });
  engine.start(runId);
  engine.progress(runId, 1, [1]);
  engine.finish(runId);
  expect(dimmer.store.getState().runs[0].trainLoss.steps).toEqual([1]);
});

test('a run that ends with an error leaves a row that says so', async () => {
  const session = await openSession();
  const [{ runId }] = session.engine.runs();
  session.engine.start(runId);
  session.engine.finish(runId, { reason: 'failed', message: 'No memory left.', steps: 30 });
  session.engine.reply({ type: 'failed', runId, failure: { ...gone, message: 'No memory left.' } });
  const [run] = session.dimmer.store.getState().runs;
  expect(describeReason(run)).toBe('Failed at step 30: No memory left.');
  expect(titles(session)).toEqual(['No memory left.']);
});

test('a run that a closed tab has left goes on under its id where its data are opened again', async () => {
  const { dimmer, engine } = await withLeft(left());
  expect(engine.runs().map((request) => request.runId)).toEqual(['left']);
  expect(dimmer.store.getState().interrupted).toEqual([]);
  engine.start('left');
  engine.finish('left');
  await expect.poll(() => engine.requests.at(-1)).toEqual({ type: 'forget-checkpoints', runIds: ['left'] });
});

test('with other settings than those of the page it is offered, and can be discarded', async () => {
  const session = await withLeft(left({ settings: { ...defaultSettings, alpha: 0.7 } }));
  const { dimmer, engine } = session;
  expect(engine.runs().map((request) => request.runId)).not.toContain('left');
  const [notice] = dimmer.store.getState().notices;
  expect(notice.title).toBe('“Mixed dimension α 0.30” on clicks was interrupted at step 480.');
  expect(notice.actions?.map(({ label }) => label)).toEqual(['Go on', 'Discard']);
  notice.actions![0].perform();
  expect(engine.runs().at(-1)).toMatchObject({ runId: 'left', settings: { alpha: 0.7 } });
  expect(dimmer.store.getState().settings.alpha).toBe(0.7);
});

test('of other data it asks for these', async () => {
  const { dimmer, engine } = await withLeft(left({ datasetKey: 'other', datasetName: 'criteo.tsv' }));
  expect(engine.runs().map((request) => request.runId)).not.toContain('left');
  const [notice] = dimmer.store.getState().notices;
  expect(notice.remedy).toBe('Open criteo.tsv again to go on from there.');
  notice.actions!.at(-1)!.perform();
  expect(engine.requests.at(-1)).toEqual({ type: 'forget-checkpoints', runIds: ['left'] });
});

test('checkpoints that nobody can ask for again are deleted, once it is known which runs wait', async () => {
  const storage = new MemoryRunStorage();
  const waiting: QueuedRun = {
    id: 'waiting',
    name: note.name,
    settings: defaultSettings,
    datasetKey: key,
    queued: { order: 0, comparison: null, datasetName: 'clicks', sample: 'clicks' },
  };
  await storage.putWaiting([waiting]);
  const unnoted = (runId: string) => ({ ...left({}, runId), note: '' });
  const found = [unnoted('waiting'), unnoted('ended'), { ...left({}, 'older'), note: '{"name":1}' }, left()];
  const { engine } = await openSession({}, storage, undefined, found);
  await expect
    .poll(() => engine.requests.filter(({ type }) => type === 'forget-checkpoints'))
    .toEqual([{ type: 'forget-checkpoints', runIds: ['ended', 'older'] }]);
});

test('where the queue cannot be read, all checkpoints stay', async () => {
  const storage = new MemoryRunStorage();
  storage.waiting = () => Promise.reject(new Error('The storage is broken.'));
  const session = await openSession({}, storage, undefined, [{ ...left(), note: '' }]);
  await expect.poll(() => titles(session)).toContain('The storage is broken.');
  expect(session.engine.requests.map(({ type }) => type)).not.toContain('forget-checkpoints');
});

test('a note that this page did not write is of no run', () => {
  expect(readNote(writeNote(note))).toEqual(note);
  const broken = [
    '',
    '{',
    '[]',
    'null',
    '1',
    '{"name":1}',
    JSON.stringify({ ...note, settings: { alpha: 99 } }),
  ];
  for (const text of broken) expect(readNote(text), text).toBeUndefined();
});
