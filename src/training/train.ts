import { type Backend, BackendError } from '../backend/backend.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { BlockEnergies } from '../compression/spectralDims.ts';
import type { Dataset } from '../data/dataset.ts';
import { totalBytes } from '../program/allocatedBytes.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingEvent } from './events.ts';
import { checkCompression, type Compression } from './compressTrained.ts';
import { TrainingError } from './errors.ts';
import { FeedCache } from './feed.ts';
import { freePace, type Pace } from './pace.ts';
import { trainingMemory } from './planRun.ts';
import { planTraining } from './planTraining.ts';
import { checkPostTraining } from './postTraining.ts';
import { resolveSettings } from './resolveSettings.ts';
import { Resizer, type RunSize } from './resizer.ts';
import { Run, type RunParts } from './run.ts';
import type { TrainedModel } from './runFile.ts';
import type { SizeChanges } from './sizeChanges.ts';
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
  /** Smaller models that are made of its best weights when it is over. */
  readonly compression?: Compression | undefined;
  /** Changes of the run's size while it trains. */
  readonly sizes?: SizeChanges;
  /** Awaited before 'finished', with the best weights in the execution, which ends after it: to save them, say. */
  readonly onTrained?: (model: TrainedModel) => Promise<void>;
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
  const { settings, dataset, backend, signal, pace = freePace(), onTrained } = options;
  const feeds = options.feeds ?? new FeedCache();
  let run: Run | undefined;
  try {
    const spectra = await measureSpectra();
    const given = spectra && allocateRun(resolveSettings(settings, dataset, backend.kind), dataset, spectra);
    const parts = await prepareParts(settings, options.allocation ?? given);
    const resizer = options.sizes && new Resizer(options.sizes, prepareSize, spectra);
    const compression = options.compression && { ...options.compression, prepare: prepareSize };
    run = new Run({ ...parts, compression }, resizer);
    if (compression) checkCompression(compression, parts);
    yield* run.events();
  } finally {
    run?.destroy();
    if (!options.feeds) feeds.destroy();
  }

  /** undefined: the settings and the data say it all. A warm-up that is stopped chooses nothing, and the run stops at once. */
  async function measureSpectra(): Promise<readonly BlockEnergies[] | undefined> {
    if (options.allocation || !isSpectral(resolveSettings(settings, dataset, backend.kind))) return undefined;
    return warmUp({ settings, dataset, backend, feeds }, pace, signal);
  }

  async function prepareParts(own: Settings, given: Allocation | undefined): Promise<RunParts> {
    const plan = planTraining({ settings: own, dataset, backend, allocation: given, feeds });
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
      const means = { dataset, backend, execution, feed, signal, pace, onTrained };
      return { settings: plan.run.settings, allocation, program, memory, ...means };
    } catch (error) {
      const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
      if (!isFull || !feed.layout.resident) throw error;
      feeds.useRings();
      return prepareParts(own, given);
    }
  }

  /** A limit does not make the batch of a run in progress give way: the size is refused instead. */
  async function prepareSize({ settings: own, allocation }: RunSize): Promise<RunParts> {
    const { trainMemory } = own;
    const parts = await prepareParts({ ...own, trainMemory: null }, allocation);
    const bytes = totalBytes(parts.memory.bytes);
    if (trainMemory !== null && bytes > trainMemory * 1e6) {
      parts.execution.destroy();
      throw new TrainingError(
        `At that size the run would take ${(bytes / 1e6).toFixed(1)} MB, and ${trainMemory} MB are allowed.`,
        'Choose a smaller budget, or start a new run within that memory.',
      );
    }
    return { ...parts, settings: own };
  }
}
