import { atOnce, type Pace } from '../../pieces/pieces.ts';
import { BackendError, type Execution } from '../../backend/backend.ts';
import { floatTables } from '../../model/storedBlocks.ts';
import type { DeviceBatches } from '../batches/deviceBatches.ts';
import { TrainingError } from '../events/errors.ts';
import { approximate, exactProgram } from './buildProgram.ts';
import { labelScaleOf } from './labelScale.ts';
import { planSize, type RunPlan, type RunRequest, type RunSize } from './planRun.ts';
import { signaturesFor } from './signatures.ts';

/** A plan on its device: the last link of the chain request → plan → run. Whoever prepares it destroys its execution. */
export interface PreparedRun extends RunPlan {
  readonly execution: Execution;
  readonly batches: DeviceBatches;
}

/**
 * Allocates what a plan needs. If the device has no memory for all batches, they go through rings. Rejects with
 * TrainingError, BackendError, GivenUp.
 */
export async function prepareRun(plan: RunPlan, pace: Pace = atOnce): Promise<PreparedRun> {
  const { request, settings, allocation, placement, layout } = plan;
  const { dataset, backend, batchCache } = request;
  const { seed } = settings;
  const signatures = await pace.work(signaturesFor(allocation, dataset, seed));
  const { lookups } = placement;
  const batches = batchCache.batchesFor(backend, dataset, layout, seed, {
    lookups,
    signatures,
    negativeSampling: settings.negativeSampling,
  });
  try {
    checkPostTraining(plan);
    const program = signatures
      ? approximate(
          exactProgram({ ...plan, dataset, regression: labelScaleOf(settings, dataset) }, signatures),
          settings,
        )
      : plan.program;
    const execution = await backend.prepare(program, batches.open(program.data), seed, pace);
    return { ...plan, program, execution, batches };
  } catch (error) {
    const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
    if (!isFull || !batches.layout.resident) throw error;
    batchCache.useRings();
    return prepareRun(planSize(request, plan), pace);
  }
}

function checkPostTraining({ settings, program }: RunPlan): void {
  if (settings.postTraining === 'none' || floatTables(program).length > 0) return;
  throw new TrainingError(
    'Quantisation after training needs tables of floats, and this method stores none.',
    'Choose “none” after training, or a method with tables.',
  );
}

/** Prepares a run at a size: see planSize. Rejects with TrainingError, BackendError, GivenUp. */
export async function prepareSize(request: RunRequest, size: RunSize, pace?: Pace): Promise<PreparedRun> {
  return prepareRun(planSize(request, size), pace);
}
