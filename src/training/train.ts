import type { Backend } from '../backend/backend.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { BlockEnergies } from '../compression/method.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Settings } from '../settings/settings.ts';
import { checkCompression, type Compression, compressTrained } from './weights/compressTrained.ts';
import type { TrainingEvent } from './events.ts';
import { DeviceBatchesCache } from './batches/deviceBatches.ts';
import { type Scheduling, unscheduled } from './loop/pace.ts';
import { prepareParts, prepareSize, type RunMeans } from './loop/prepareRun.ts';
import { resolveSettings } from './plan/resolveSettings.ts';
import { Resizer } from './resize/resizer.ts';
import { Run } from './loop/run.ts';
import type { TrainedModel } from './weights/runFile.ts';
import type { SizeChanges } from './resize/sizeChanges.ts';
import { allocateRun } from './plan/buildProgram.ts';
import type { SpectrumMonitor } from './spectrum/spectrumWatch.ts';
import { readWeights, type TrainedWeights } from './weights/trainedWeights.ts';
import { isSpectral, warmUp } from './spectrum/warmUp.ts';

export interface TrainOptions {
  readonly settings: Settings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  /** Instead of the one that settings and data give: with a base dim held fixed, say. */
  readonly allocation?: Allocation;
  /** Keeps the data on the device from one run to the next. */
  readonly batchCache?: DeviceBatchesCache;
  /**
   * Aborted: the run ends with reason 'stopped' after evaluating what it has. With the reason
   * REPLACED nothing more is evaluated: the result holds the best validation metrics so far.
   */
  readonly signal?: AbortSignal;
  readonly pace?: Scheduling;
  /** Smaller models that are made of its best weights, before 'finished'. */
  readonly compression?: Compression | undefined;
  /** Changes of the run's size while it trains. */
  readonly sizes?: SizeChanges;
  /** Looks at the tables while they are trained, which changes no number. */
  readonly watch?: SpectrumMonitor;
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
  const { settings, dataset, backend, signal, pace = unscheduled(), compression } = options;
  const batchCache = options.batchCache ?? new DeviceBatchesCache();
  let weights: TrainedWeights | undefined;
  const onTrained = async (model: TrainedModel): Promise<void> => {
    await options.onTrained?.(model);
    if (compression) weights = await readWeights(model);
  };
  const means: RunMeans = { dataset, backend, batchCache, signal, pace, onTrained, watch: options.watch };
  let run: Run | undefined;
  try {
    const spectra = await measureSpectra();
    const given = spectra && allocateRun(resolveSettings(settings, dataset, backend.kind), dataset, spectra);
    const parts = await prepareParts(means, settings, options.allocation ?? given);
    const resizer = options.sizes && new Resizer(options.sizes, (size) => prepareSize(means, size), spectra);
    run = new Run(parts, resizer);
    if (compression) checkCompression(compression, parts);
    for await (const event of run.events()) {
      if (event.kind === 'finished' && compression && weights) {
        await run?.destroy();
        run = undefined;
        yield* compressTrained(weights, compression, { ...means, onTrained: undefined });
      }
      yield event;
    }
  } finally {
    await run?.destroy();
    if (!options.batchCache) batchCache.destroy();
  }

  /** undefined: the settings and the data say it all. A warm-up that is stopped chooses nothing, and the run stops at once. */
  async function measureSpectra(): Promise<readonly BlockEnergies[] | undefined> {
    if (options.allocation || !isSpectral(resolveSettings(settings, dataset, backend.kind))) return undefined;
    return warmUp({ settings, dataset, backend, batchCache }, pace, signal);
  }
}
