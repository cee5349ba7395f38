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
import { resolveSettings } from './resolveSettings.ts';
import { Run } from './run.ts';
import { signaturesFor } from './signatures.ts';
import { allocateRun, programFor } from './specify.ts';
import { isSpectral, warmUp } from './warmUp.ts';

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
  const { settings, dataset, backend, signal, pace = freePace() } = options;
  const feeds = options.feeds ?? new FeedCache();
  let run: Run | undefined;
  try {
    run = await prepareRun(options.allocation ?? (await allocateBySpectra()));
    yield* run.events();
  } finally {
    run?.destroy();
    if (!options.feeds) feeds.destroy();
  }

  /** undefined: the settings and the data say it all. A warm-up that is stopped chooses nothing, and the run stops at once. */
  async function allocateBySpectra(): Promise<Allocation | undefined> {
    const resolved = resolveSettings(settings, dataset, backend.kind);
    if (!isSpectral(resolved)) return undefined;
    const spectra = await warmUp({ settings, dataset, backend, feeds }, pace, signal);
    return spectra && allocateRun(resolved, dataset, spectra);
  }

  async function prepareRun(given: Allocation | undefined): Promise<Run> {
    const plan = planTraining({ ...options, allocation: given, feeds });
    const { allocation } = plan;
    const { layout, lookups } = plan.run;
    const { seed } = plan.run.settings;
    const signatures = signaturesFor(allocation, dataset, seed);
    const feed = feeds.feedFor(backend, dataset, layout, seed, { lookups, signatures });
    try {
      const program = signatures
        ? programFor(plan.run.settings, dataset, allocation, layout, signatures)
        : plan.run.program;
      checkPostTraining(plan.run.settings, program);
      const execution = await backend.prepare(program, feed.open(program.data), seed);
      const memory = trainingMemory(plan.run, backend);
      const means = { dataset, backend, execution, feed, signal, pace };
      return new Run({ settings: plan.run.settings, allocation, program, memory, ...means });
    } catch (error) {
      const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
      if (!isFull || !feed.layout.resident) throw error;
      feeds.useRings();
      return prepareRun(given);
    }
  }
}
