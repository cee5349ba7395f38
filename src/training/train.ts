import { GivenUp, Turns } from '../pieces/pieces.ts';
import { type Compression, checkCompression, compressTrained } from './compress/compressTrained.ts';
import type { Checkpoint } from './checkpoint/checkpoint.ts';
import { DeviceBatchesCache } from './batches/deviceBatches.ts';
import type { TrainingEvent } from './events/events.ts';
import { Run, type RunControl } from './loop/run.ts';
import { type Scheduling, unscheduled } from './loop/scheduling.ts';
import { isSpectral, warmUp } from './loop/warmUp.ts';
import { planning, planSize, type RunRequest } from './plan/planRun.ts';
import { prepareRun } from './plan/prepareRun.ts';
import { Resizer } from './resize/resizer.ts';
import type { SizeChanges } from './resize/sizeChanges.ts';
import { readWeights, type TrainedWeights } from './weights/trainedWeights.ts';

/**
 * A request, and what may act on the run. When the signal is aborted, the run evaluates what it has and ends with reason 'stopped'.
 * When it is aborted with the reason REPLACED, nothing more is evaluated: the result holds the best validation metrics so far. When
 * it is aborted before 'started', no further event comes at all.
 * `onTrained` is awaited before 'finished', while the execution still holds the best weights: to save them, say.
 */
export interface TrainOptions
  extends Omit<RunRequest, 'batchCache' | 'spectra' | 'keepsCheckpoints'>, Omit<RunControl, 'scheduling'> {
  /** Keeps the data on the device from one run to the next. */
  readonly batchCache?: RunRequest['batchCache'];
  readonly scheduling?: Scheduling;
  /** The smaller models to make of the best weights, before 'finished'. */
  readonly compression?: Compression | undefined;
  /** Asks for changes of the run's size while it trains. */
  readonly sizes?: SizeChanges | undefined;
  /** A checkpoint of this run, to go on from; its settings count. */
  readonly from?: Checkpoint | undefined;
}

/**
 * Trains one run. Its events: 'warming-up' if the dims are chosen by spectra, then 'started' (and 'resumed' if it goes on from a
 * checkpoint), then 'progress' and 'evaluation', at last 'finished'.
 *
 * Work goes on only while the next event is awaited, apart from steps that a GPU already has. So a consumer pauses a run by not
 * asking for the next event, or between steps by its scheduling.
 *
 * The numbers depend on settings, data and device alone. How long slices take decides only how many losses one 'progress' event
 * holds.
 *
 * Throws TrainingError, BackendError and AllocationError. After the first step 'finished' comes before the error, with reason 'failed'
 * and the best evaluation so far; not where the device is lost and there are checkpoints, from which the run can go on.
 */
export async function* trainRun(options: TrainOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { compression, sizes, scheduling = unscheduled(), signal, monitor, checkpoints, from } = options;
  const { dataset, backend, allocation, memory } = options;
  const settings = from?.asked ?? options.settings;
  const batchCache = options.batchCache ?? new DeviceBatchesCache();
  const keepsCheckpoints = checkpoints !== undefined;
  const device = { dataset, backend, batchCache, memory, keepsCheckpoints };
  let request: RunRequest = { settings, ...device, allocation, spectra: from?.spectra };
  let weights: TrainedWeights | undefined;
  const control: RunControl = {
    scheduling,
    signal,
    monitor,
    checkpoints,
    async onTrained(trained, pace, metrics) {
      await options.onTrained?.(trained, pace, metrics);
      if (compression) weights = await readWeights(trained, pace);
    },
  };
  const pace = new Turns({
    yieldThread: scheduling.yieldThread,
    isGivenUp: () => signal?.aborted === true,
  });
  let run: Run | undefined;
  try {
    if (!allocation && !from && isSpectral(settings))
      request = { ...request, spectra: yield* warmUp(request, control) };
    const plan = from ? planSize(request, from.size) : await pace.work(planning(request));
    const prepared = await prepareRun(plan, pace);
    run = new Run(prepared, control, sizes && new Resizer(sizes, request, from?.changes), from);
    if (compression) checkCompression(compression, prepared);
    for await (const event of run.events()) {
      if (event.kind === 'finished' && compression && weights) {
        await run?.destroy();
        run = undefined;
        yield* compressTrained(weights, compression, request, { ...control, onTrained: undefined });
      }
      yield event;
    }
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  } finally {
    await run?.destroy();
    if (!options.batchCache) batchCache.destroy();
  }
}
