import { afterEach, expect, test, vi } from 'vitest';
import type { Checkpoint } from '../../../src/training/checkpoint/checkpoint.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { REPLACED } from '../../../src/training/loop/run.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { plannedChanges } from '../../../src/training/resize/sizeChanges.ts';
import { trainRun, type TrainOptions } from '../../../src/training/train.ts';
import { encodeRun } from '../../../src/training/weights/runFile.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';

/** Every look at the clock is a turn later, so that work rests after every piece. */
function restAfterEveryPiece(): void {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 50));
}
afterEach(() => vi.restoreAllMocks());

const clicks = tinyDataset('click');
const base = { ...tinySettings, epochs: 1 };
const full = { ...base, method: 'full', vectorDim: 8, budget: null } as const;
const compression = (by: 'truncate' | 'quantise' | 'hash') => ({ by, budgets: [250], fineTuneSteps: 4 });

/** One for every kind of long work. */
const jobs: Readonly<Record<string, () => Partial<TrainOptions>>> = {
  'signatures, within a training memory': () => ({
    settings: { ...base, method: 'lma', budget: 300, trainMemory: 0.33 },
  }),
  'a warm-up and its spectra': () => ({ settings: { ...base, allocation: 'spectral', blocks: 2 } }),
  'rounding, and a run file': () => ({
    settings: { ...base, postTraining: 'int8' },
    onTrained: async (run, pace) => void (await encodeRun(run, {}, pace)),
  }),
  pruning: () => ({ settings: { ...base, method: 'prune', pruneEpochs: 0.5 } }),
  'changes of size, with checkpoints': () => ({
    settings: { ...base, method: 'uniform' },
    sizes: plannedChanges([
      { step: 3, budget: 150 },
      { step: 6, budget: 400 },
    ]),
    checkpoints: { isDue: (step) => step % 4 === 0, keep: () => {}, settled: () => Promise.resolve() },
  }),
  'truncation of a trained model': () => ({ settings: full, compression: compression('truncate') }),
  'rounding of a trained model': () => ({ settings: full, compression: compression('quantise') }),
  'hashing of a trained model': () => ({ settings: full, compression: compression('hash') }),
};

/** Runs a job to its end, or until it is replaced after so many rests. */
async function follow(backend: RecordingBackend, job: Partial<TrainOptions>, lastRest = Infinity) {
  const abort = new AbortController();
  const events: TrainingEvent[] = [];
  let rests = 0;
  const scheduling = unscheduled(async () => {
    if (++rests === lastRest) abort.abort(REPLACED);
  });
  const options = { settings: base, dataset: clicks, ...job, backend, scheduling, signal: abort.signal };
  for await (const event of trainRun(options)) events.push(event);
  return { events, rests };
}

const losses = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));

const TRIES = 25;

test.for(Object.keys(jobs))(
  '%s: is given up at any rest, leaves nothing, and the next run has the same bits',
  async (name) => {
    restAfterEveryPiece();
    const backend = new RecordingBackend();
    const whole = await follow(backend, jobs[name]());
    expect(whole.events.some(({ kind }) => kind === 'finished')).toBe(true);
    for (let i = 0; i < TRIES; i++) {
      const lastRest = 1 + Math.floor((i * whole.rests) / TRIES);
      const { rests } = await follow(backend, jobs[name](), lastRest);
      // What was being done when the thread rested is the last of it.
      expect(rests - lastRest).toBeLessThanOrEqual(1);
      expect([backend.liveExecutions, backend.liveData, backend.liveAttachments]).toEqual([0, 0, 0]);
    }
    const next = await follow(backend, jobs[name]());
    expect(losses(next.events)).toEqual(losses(whole.events));
  },
);

test('a run that goes on from a checkpoint is given up while its state is put back', async () => {
  const checkpoints: Checkpoint[] = [];
  const keeper = {
    isDue: (step: number) => step === 4,
    keep: (checkpoint: Checkpoint) => void checkpoints.push(checkpoint),
    settled: () => Promise.resolve(),
  };
  const backend = new RecordingBackend();
  await follow(backend, { checkpoints: keeper });
  restAfterEveryPiece();
  const [from] = checkpoints;
  const { rests } = await follow(backend, { from });
  for (let lastRest = 1; lastRest < Math.min(rests, 40); lastRest++) {
    const stopped = await follow(backend, { from }, lastRest);
    expect(stopped.rests - lastRest).toBeLessThanOrEqual(1);
    expect([backend.liveExecutions, backend.liveData]).toEqual([0, 0]);
  }
});
