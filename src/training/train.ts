import { type Compression, checkCompression, compressTrained } from './compress/compressTrained.ts';
import { DeviceBatchesCache } from './batches/deviceBatches.ts';
import type { TrainingEvent } from './events/events.ts';
import { Run, type RunControl } from './loop/run.ts';
import { type Scheduling, unscheduled } from './loop/scheduling.ts';
import { isSpectral, warmUp } from './loop/warmUp.ts';
import { planRun, type RunRequest } from './plan/planRun.ts';
import { prepareRun } from './plan/prepareRun.ts';
import { Resizer } from './resize/resizer.ts';
import type { SizeChanges } from './resize/sizeChanges.ts';
import { readWeights, type TrainedWeights } from './weights/trainedWeights.ts';

/**
 * A request, and what may act on the run. Its signal aborted: the run ends with reason 'stopped' after evaluating what it has; with
 * the reason REPLACED nothing more is evaluated: the result holds the best validation metrics so far. `onTrained` is awaited before
 * 'finished', with the best weights in the execution, which ends after it: to save them, say.
 */
export interface TrainOptions
  extends Omit<RunRequest, 'batchCache' | 'spectra'>, Omit<RunControl, 'scheduling'> {
  /** Keeps the data on the device from one run to the next. */
  readonly batchCache?: RunRequest['batchCache'];
  readonly scheduling?: Scheduling;
  /** Smaller models that are made of its best weights, before 'finished'. */
  readonly compression?: Compression | undefined;
  /** Changes of the run's size while it trains. */
  readonly sizes?: SizeChanges | undefined;
}

/**
 * Trains one run: 'warming-up' where spectra choose its dims, 'started', then 'progress' and 'evaluation' events, then 'finished'.
 * Nothing happens between two events unless the next one is asked for (on a GPU: no more than is in flight), so a consumer pauses
 * a run by not asking, or between steps by its scheduling.
 * The numbers depend on settings, data and device alone; how long slices take changes only how many
 * losses come in one 'progress' event.
 * Throws TrainingError, BackendError and AllocationError. When the device is lost after an
 * evaluation, 'finished' comes first, with that evaluation.
 */
export async function* trainRun(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { compression, sizes, scheduling = unscheduled(), signal, monitor } = options;
  const { settings, dataset, backend, allocation } = options;
  const batchCache = options.batchCache ?? new DeviceBatchesCache();
  let request: RunRequest = { settings, dataset, backend, batchCache, allocation };
  let weights: TrainedWeights | undefined;
  const control: RunControl = {
    scheduling,
    signal,
    monitor,
    async onTrained(trained) {
      await options.onTrained?.(trained);
      if (compression) weights = await readWeights(trained);
    },
  };
  let run: Run | undefined;
  try {
    // A warm-up that is stopped chooses nothing, and the run stops at once.
    if (!allocation && isSpectral(settings))
      request = { ...request, spectra: yield* warmUp(request, control) };
    const plan = planRun(request);
    const prepared = await prepareRun(plan);
    run = new Run(prepared, control, sizes && new Resizer(sizes, request));
    if (compression) checkCompression(compression, prepared);
    for await (const event of run.events()) {
      if (event.kind === 'finished' && compression && weights) {
        await run?.destroy();
        run = undefined;
        yield* compressTrained(weights, compression, request, { ...control, onTrained: undefined });
      }
      yield event;
    }
  } finally {
    await run?.destroy();
    if (!options.batchCache) batchCache.destroy();
  }
}
