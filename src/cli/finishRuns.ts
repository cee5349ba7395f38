import { setTimeout as delay } from 'node:timers/promises';
import type { Backend } from '../backend/backend.ts';
import type { AskedBudget } from '../comparison/askedBudgets.ts';
import type { ComparisonRun } from '../comparison/comparisonRuns.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import type { MemoryLimits } from '../data/source.ts';
import type { Settings } from '../settings/settings.ts';
import type { DeviceBatchesCache } from '../training/batches/deviceBatches.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import { trainRun } from '../training/train.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import { heedful } from './openBackend.ts';
import type { KeptPredictions } from './keptPredictions.ts';
import type { Results } from './resultFile.ts';
import { resultLine } from './trainReport.ts';

/** A run, and its name in a file of results. */
export type NamedRun = ComparisonRun & { readonly key: string };

/** Who hears of runs. */
export interface RunReport {
  progress(event: TrainingEvent): void;
  finished(line: ComparisonLine): void;
  /** A line that the file already holds. */
  kept(line: ComparisonLine): void;
  /** A run that cannot start. */
  failed(asked: AskedBudget, settings: Settings, error: Error & { readonly remedy?: unknown }): void;
  /** Other processes train what is left. */
  waiting(runs: number): void;
}

/** What runs are trained with, and where their lines go. */
export interface Trainer {
  readonly dataset: ReadableDataset;
  readonly backend: Backend;
  readonly batchCache: DeviceBatchesCache;
  readonly memory: MemoryLimits;
  readonly file: Results;
  /** Where test predictions are kept, if anybody wants them. */
  readonly predictions?: KeptPredictions;
  readonly signal: AbortSignal;
  readonly report: RunReport;
}

/** How often it is looked whether another process has ended a run. */
const POLL_MS = 250;

/** Until every run has ended, here or in another process that appends to the same file, or the signal says so. Rejects with WriteError. */
export async function finishRuns<R extends NamedRun>(
  runs: readonly R[],
  trainer: Trainer,
  train: (run: R, trainer: Trainer) => Promise<ComparisonLine | null> = trainWhole,
): Promise<void> {
  const { signal, report } = trainer;
  let left = runs;
  while (left.length > 0 && !signal.aborted) {
    const elsewhere: R[] = [];
    for (const run of left) {
      if (signal.aborted) break;
      if (!(await finishOne(run, trainer, train))) elsewhere.push(run);
    }
    if (elsewhere.length === left.length) {
      report.waiting(elsewhere.length);
      await delay(POLL_MS, undefined, { signal }).catch(() => {});
    }
    left = elsewhere;
  }
}

/** False: another process has it. */
async function finishOne<R extends NamedRun>(
  run: R,
  trainer: Trainer,
  train: (run: R, trainer: Trainer) => Promise<ComparisonLine | null>,
): Promise<boolean> {
  const { file, report } = trainer;
  const claim = file.find(run.key) ?? (await file.claim(run.key));
  if (claim === 'elsewhere') return false;
  if (claim !== 'own') {
    report.kept(claim);
    return true;
  }
  const line = await train(run, trainer).catch((error: unknown) => {
    // What carries a remedy is about this run, and the others go on; anything else is a fault of the program.
    if (!(error instanceof Error && 'remedy' in error)) throw error;
    report.failed(run.asked, run.settings, error);
    return null;
  });
  if (!line) await file.release(run.key);
  else
    try {
      await file.append(line); // before it is told of
    } finally {
      report.finished(line);
    }
  return true;
}

/** The line of a run that came to its end; null: it was stopped. */
async function trainWhole(
  { asked, settings, key }: NamedRun,
  { dataset, backend, batchCache, memory, signal, report, predictions }: Trainer,
): Promise<ComparisonLine | null> {
  let finished: Extract<TrainingEvent, { kind: 'finished' }> | undefined;
  const options = { settings, dataset, backend, batchCache, signal, memory, scheduling: heedful };
  for await (const event of trainRun(options)) {
    report.progress(event);
    if (event.kind === 'finished') finished = event;
  }
  const result = finished?.result;
  if (!result || result.reason === 'stopped') return null;
  if (finished?.testPredictions) await predictions?.keep(key, finished.testPredictions);
  const fingerprint = await fingerprintOf(dataset);
  return { ...resultLine(result), askedBudget: asked.text, fingerprint, key };
}
