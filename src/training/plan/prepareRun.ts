import { BackendError, type Execution } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { floatTables } from '../../model/storedBlocks.ts';
import type { DeviceBatches } from '../batches/deviceBatches.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';
import { approximate, exactProgram } from './buildProgram.ts';
import { planRun, type RunPlan, type RunRequest } from './planRun.ts';
import { signaturesFor } from './signatures.ts';
import { totalBytes } from '../../program/memory.ts';

/** A plan on its device: the last link of the chain request → plan → run. Whoever prepares it destroys its execution. */
export interface PreparedRun extends RunPlan {
  readonly execution: Execution;
  readonly batches: DeviceBatches;
}

/**
 * Allocates what a plan needs. If the device has no memory for all batches, they go through rings. Throws TrainingError,
 * BackendError.
 */
export async function prepareRun(plan: RunPlan): Promise<PreparedRun> {
  const { request, settings, allocation, placement, layout } = plan;
  const { dataset, backend, batchCache } = request;
  const { seed } = settings;
  const signatures = signaturesFor(allocation, dataset, seed);
  const { lookups } = placement;
  const batches = batchCache.batchesFor(backend, dataset, layout, seed, { lookups, signatures });
  try {
    checkPostTraining(plan);
    const program = signatures
      ? approximate(exactProgram({ ...plan, dataset }, signatures), settings)
      : plan.program;
    const execution = await backend.prepare(program, batches.open(program.data), seed);
    return { ...plan, program, execution, batches };
  } catch (error) {
    const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
    if (!isFull || !batches.layout.resident) throw error;
    batchCache.useRings();
    return prepareRun(planRun({ ...request, allocation }));
  }
}

function checkPostTraining({ settings, program }: RunPlan): void {
  if (settings.postTraining === 'none' || floatTables(program).length > 0) return;
  throw new TrainingError(
    'Quantisation after training needs tables of floats, and this method stores none.',
    'Choose “none” after training, or a method with tables.',
  );
}

/** A size that a run can go over to while it is trained. */
export interface RunSize {
  readonly settings: ResolvedSettings;
  readonly allocation: Allocation;
}

/**
 * Prepares a run of another size on the same data and device. A memory limit does not change its batch or its precision; the size
 * is refused instead. Throws TrainingError, BackendError.
 */
export async function prepareSize(
  request: RunRequest,
  { settings, allocation }: RunSize,
): Promise<PreparedRun> {
  const { trainMemory } = settings;
  const plan = planRun({ ...request, settings: { ...settings, trainMemory: null }, allocation });
  const bytes = totalBytes(plan.bytes);
  if (trainMemory !== null && bytes > trainMemory * 1e6) {
    throw new TrainingError(
      `At that size the run would take ${(bytes / 1e6).toFixed(1)} MB, and ${trainMemory} MB are allowed.`,
      'Choose a smaller budget, or start a new run within that memory.',
    );
  }
  return { ...(await prepareRun(plan)), settings };
}
