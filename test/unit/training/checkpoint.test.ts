import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Checkpoint, CheckpointKeeper } from '../../../src/training/checkpoint/checkpoint.ts';
import {
  encodeCheckpoint,
  findLastCheckpoint,
  openCheckpoint,
} from '../../../src/training/checkpoint/checkpointFile.ts';
import { TrainingError } from '../../../src/training/events/errors.ts';
import type { RunResult, TrainingEvent } from '../../../src/training/events/events.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { plannedChanges } from '../../../src/training/resize/sizeChanges.ts';
import { trainRun, type TrainOptions } from '../../../src/training/train.ts';
import { optionsOf, recordedRuns } from '../../support/recordedRuns.ts';
import {
  blobOf,
  joinTensors,
  signHeader,
  splitTensors,
  withoutChecksums,
} from '../../support/tensorFiles.ts';

const owner = { runId: 'run', data: { name: 'tiny', fingerprint: 'abc' }, note: '' };

/** Keeps a checkpoint after each of these steps, or the first one after it where a slice is over. */
function keeperAt(steps: readonly number[], keep: (checkpoint: Checkpoint) => void): CheckpointKeeper {
  const due = [...steps];
  return {
    isDue: (step) => due.length > 0 && step >= due[0],
    keep(checkpoint) {
      while (due.length > 0 && due[0] <= checkpoint.position.step) due.shift();
      keep(checkpoint);
    },
    settled: () => Promise.resolve(),
  };
}

/** What of a run must not depend on how often it was interrupted. */
interface Course {
  losses: number[];
  evaluations: unknown[];
  compressed: unknown[];
  result: unknown;
}

/** What is measured in time is left out. */
function lasting({ msPerStep: _a, seconds: _b, trainedOn: _c, ...result }: RunResult): unknown {
  return result;
}

async function follow(options: TrainOptions, course: Course = emptyCourse()): Promise<Course> {
  for await (const event of trainRun(options)) hear(course, event);
  return course;
}

const emptyCourse = (): Course => ({ losses: [], evaluations: [], compressed: [], result: undefined });

function hear(course: Course, event: TrainingEvent): void {
  if (event.kind === 'progress' && course.compressed.length === 0) course.losses.push(...event.losses);
  else if (event.kind === 'evaluation' && event.split === 'validation')
    course.evaluations.push({ step: event.step, metrics: event.metrics });
  else if (event.kind === 'compressed') course.compressed.push(lasting(event.result));
  else if (event.kind === 'finished') course.result = lasting(event.result);
  else if (event.kind === 'resumed')
    Object.assign(course, { losses: [...event.losses], evaluations: [...event.evaluations] });
}

/** Through the file and back, on a fresh device. */
async function copyOf(checkpoint: Checkpoint): Promise<Checkpoint> {
  const pieces = await encodeCheckpoint(checkpoint, owner);
  return (await openCheckpoint(new Blob(pieces as Uint8Array<ArrayBuffer>[]))).read();
}

const stepByStep = unscheduled(undefined, 1);

const resizes = [
  { step: 10, budget: 260 },
  { step: 30, budget: 150 },
];

test.for(Object.keys(recordedRuns))('%s: goes on from any checkpoint to the same bits', async (name) => {
  const options = optionsOf(name, createCpuBackend());
  const checkpoints: Checkpoint[] = [];
  const keeper = keeperAt([1, 7, 25, 38, 49], (kept) => checkpoints.push(kept));
  const whole = await follow({ ...options, checkpoints: keeper, scheduling: stepByStep });
  expect(whole).toEqual(await follow(options));
  expect(checkpoints.map(({ position }) => position.step)).toEqual([1, 7, 25, 38, 49]);
  for (const checkpoint of checkpoints) {
    const from = await copyOf(checkpoint);
    expect(await follow({ ...options, backend: createCpuBackend(), from })).toEqual(whole);
  }
});

test('a run that changes its size goes on to the same bits, before, between and after its changes', async () => {
  const options = optionsOf('uniform', createCpuBackend());
  const checkpoints: Checkpoint[] = [];
  const keeper = keeperAt([3, 20, 40], (kept) => checkpoints.push(kept));
  const whole = await follow({ ...options, sizes: plannedChanges(resizes), checkpoints: keeper });
  // One after each change too, so that no change that was told of is taken back.
  expect(checkpoints.map(({ changes }) => changes.taken)).toEqual([0, 1, 1, 2, 2]);
  for (const checkpoint of checkpoints) {
    const backend = createCpuBackend();
    const sizes = plannedChanges(resizes);
    expect(await follow({ ...options, backend, sizes, from: await copyOf(checkpoint) })).toEqual(whole);
  }
});

test('the last whole one of two files is taken, whatever the other holds', async () => {
  const options = optionsOf('full', createCpuBackend());
  const encoding: Promise<Blob>[] = [];
  const keeper = keeperAt([5, 15], (kept) =>
    encoding.push(
      encodeCheckpoint(kept, owner).then((pieces) => new Blob(pieces as Uint8Array<ArrayBuffer>[])),
    ),
  );
  await follow({ ...options, checkpoints: keeper });
  const files = await Promise.all(encoding);
  const steps = await Promise.all(files.map(async (file) => (await openCheckpoint(file)).step));
  const [first, last] = files;
  expect((await findLastCheckpoint(files))?.checkpoint.position.step).toBe(Math.max(...steps));
  expect((await findLastCheckpoint([last, first]))?.owner).toEqual(owner);
  const torn = [first, last.slice(0, last.size - 100)];
  expect((await findLastCheckpoint(torn))?.checkpoint.position.step).toBe(Math.min(...steps));
  expect(await findLastCheckpoint([new Blob(['nothing']), new Blob([])])).toBeUndefined();
});

test('a checkpoint of settings that this version does not know, or of no checksum, is refused', async () => {
  const options = optionsOf('full', createCpuBackend());
  let kept: Checkpoint | undefined;
  const checkpoints = keeperAt([5], (checkpoint) => (kept = checkpoint));
  await follow({ ...options, checkpoints, scheduling: stepByStep });
  const bytes = await blobOf(...(await encodeCheckpoint(kept!, owner))).bytes();
  const { header, data } = splitTensors(bytes);
  const open = (changed: string) => openCheckpoint(blobOf(joinTensors({ header: changed, data })));
  expect((await open(header)).step).toBe(5);
  await expect(open(withoutChecksums(header))).rejects.toThrow(TrainingError);
  for (const [from, to] of [
    ['\\"alpha\\"', '\\"magic\\"'],
    ['\\"method\\":\\"full\\"', '\\"method\\":\\"magic\\"'],
    ['\\"step\\":5', '\\"step\\":5.5'],
    ['\\"hasBest\\"', '\\"best\\"'],
  ]) {
    expect(header).toContain(from);
    await expect(open(signHeader(header.replace(from, to)))).rejects.toThrow('The checkpoint cannot be used');
  }
});
