import { type Backend, BackendError } from '../backend/backend.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingEvent } from './events.ts';
import { FeedCache } from './feed.ts';
import { freePace, type Pace } from './pace.ts';
import { trainingMemory } from './planRun.ts';
import { planTraining } from './planTraining.ts';
import { checkPostTraining } from './postTraining.ts';
import { Run } from './run.ts';
import { signaturesFor } from './signatures.ts';
import { programFor } from './specify.ts';

export interface TrainOptions {
  readonly settings: Settings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  /** Instead of the one that settings and data give: with a base dim held fixed, say. */
  readonly allocation?: Allocation;
  /** Keeps the data on the device from one run to the next. */
  readonly feeds?: FeedCache;
  /**
   * Aborted: the run ends with reason 'stopped' after evaluating what it has. With the reason
   * REPLACED nothing more is evaluated: the result holds the best validation metrics so far.
   */
  readonly signal?: AbortSignal;
  readonly pace?: Pace;
}

/**
 * Trains one run: 'started', then 'progress' and 'evaluation' events, then 'finished'. Nothing
 * happens between two events unless the next one is asked for (on a GPU: no more than is in flight),
 * so a consumer pauses a run by not asking.
 * The numbers depend on settings, data and device alone; how long slices take changes only how many
 * losses come in one 'progress' event.
 * Throws TrainingError, BackendError and what allocate throws. When the device is lost after an
 * evaluation, 'finished' comes first, with that evaluation.
 */
export async function* trainRun(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { dataset, backend, signal, pace = freePace() } = options;
  const feeds = options.feeds ?? new FeedCache();
  let run: Run | undefined;
  try {
    run = await prepareRun();
    yield* run.events();
  } finally {
    run?.destroy();
    if (!options.feeds) feeds.destroy();
  }

  async function prepareRun(): Promise<Run> {
    const plan = planTraining({ ...options, feeds });
    const { allocation } = plan;
    const { settings, layout, lookups } = plan.run;
    const signatures = signaturesFor(allocation, dataset, settings.seed);
    const feed = feeds.feedFor(backend, dataset, layout, settings.seed, { lookups, signatures });
    try {
      const program = signatures
        ? programFor(settings, dataset, allocation, layout, signatures)
        : plan.run.program;
      checkPostTraining(settings, program);
      const execution = await backend.prepare(program, feed.open(program.data), settings.seed);
      const memory = trainingMemory(plan.run);
      const means = { dataset, backend, execution, feed, signal, pace };
      return new Run({ settings, allocation, program, memory, ...means });
    } catch (error) {
      const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
      if (!isFull || !feed.layout.resident) throw error;
      feeds.useRings();
      return prepareRun();
    }
  }
}
