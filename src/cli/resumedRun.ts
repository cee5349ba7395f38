import { fingerprintOf } from '../data/fingerprint.ts';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { openRun } from '../training/weights/runFile.ts';
import { parseJson } from '../validation/json.ts';
import { checkShape } from '../validation/shape.ts';
import { checkpointPaths, type LastCheckpoint } from './checkpointFiles.ts';
import { flagName, type FlagTexts } from './flags.ts';
import { isSample } from './openData.ts';
import { openFile } from './openFiles.ts';
import { holdersOf } from './processMarks.ts';
import { UsageError } from './usage.ts';

/** What may be given beside --resume. All else is as the run was asked for. */
const changeable: ReadonlySet<string> = new Set([
  'resume',
  'data',
  'sample',
  'save',
  'checkpointEvery',
  'predictions',
  'backend',
  'cache',
  'noCache',
  'json',
]);

/** Flags that are paths of this machine. */
const paths = ['data', 'save', 'checkpoint', 'cache'] as const;

/** Where the checkpoints of a run lie by default, beside its weights. */
export function checkpointBase(save: string): string {
  return `${save}.checkpoint`;
}

/**
 * Where the checkpoints of a run lie, that is named by the file of --save, by --checkpoint, or by one of its checkpoints. undefined:
 * there are none, because the run has ended; stderr says so. Rejects with UsageError where no run has been.
 */
export async function findCheckpoints(file: string): Promise<string | undefined> {
  for (const base of [checkpointBase(file), file, file.replace(/-[12]$/, '')])
    for (const path of checkpointPaths(base)) if (await stat(path).catch(() => undefined)) return base;
  const saved = await openFile(file, '--resume').catch(() => undefined);
  const run = saved && (await openRun(saved).catch(() => undefined));
  if (!run)
    throw new UsageError(
      `There is no checkpoint of ${file}.`,
      'Check the path after --resume. A run keeps its first after --checkpoint-every seconds, and none once it has ended.',
    );
  // Sweeps what a process has left that was killed at its very end.
  await holdersOf(checkpointBase(file), 'lock');
  process.stderr.write(
    `The run of ${file} has ended: its weights are there, and nothing is left to train.\n`,
  );
  return undefined;
}

/** What a checkpoint remembers of the command line. */
export function noteOf(texts: FlagTexts, base: string): string {
  const { resume: _, ...rest } = texts;
  const absolute: Record<string, readonly string[]> = { ...rest, checkpoint: [base] };
  for (const name of paths) {
    const given = absolute[name];
    if (given) absolute[name] = given.map((path) => (isSample(path) ? path : resolve(path)));
  }
  return JSON.stringify(absolute);
}

/** The flags of a run that goes on: those it was started with, and those given now. Throws UsageError. */
export function mergeFlags({ path, owner }: LastCheckpoint, given: FlagTexts, base: string): FlagTexts {
  const foreign = Object.keys(given).find((name) => !changeable.has(name));
  if (foreign !== undefined)
    throw new UsageError(
      `${flagName(foreign)} cannot be given with --resume.`,
      'The run goes on as it was asked for: leave it out, or start a new run.',
    );
  const before = new Map(Object.entries(readNote(owner.note, path)));
  if (given.data !== undefined || given.sample !== undefined) {
    before.delete('data');
    before.delete('sample');
  }
  // Weights and checkpoints may have been moved together.
  if (before.has('save') && base === checkpointBase(given.resume[0])) before.set('save', given.resume);
  const { resume: _, ...now } = given;
  return { ...Object.fromEntries(before), ...now };
}

function readNote(note: string, path: string): FlagTexts {
  const refuse = (): UsageError =>
    new UsageError(
      `${path} is no checkpoint of the command line.`,
      'Go on with the run where it was started: on the page.',
    );
  return checkShape(v.record(v.string(), v.array(v.string())), parseJson(note, refuse), refuse);
}

/** Rejects with UsageError for other data than the run was trained on. */
export async function checkSameData(
  { path, owner }: LastCheckpoint,
  dataset: ReadableDataset,
): Promise<void> {
  const { name, fingerprint } = owner.data;
  if (fingerprint === (await fingerprintOf(dataset))) return;
  throw new UsageError(
    `${path} is of a run on ${name}, and ${dataset.name} holds other examples.`,
    'Give the file of that run after --data; if it was changed, start a new run.',
  );
}
