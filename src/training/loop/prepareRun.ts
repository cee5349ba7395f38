import { type Backend, BackendError } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Dataset } from '../../data/dataset.ts';
import { totalBytes } from '../../program/memory.ts';
import type { Settings } from '../../settings/settings.ts';
import { TrainingError } from '../errors.ts';
import type { DeviceBatchesCache } from '../batches/deviceBatches.ts';
import type { Scheduling } from './pace.ts';
import { trainingMemory } from '../plan/planRun.ts';
import { planTraining } from '../plan/planTraining.ts';
import { checkPostTraining } from '../weights/postTraining.ts';
import type { RunSize } from '../resize/resizer.ts';
import type { RunParts } from './run.ts';
import { signaturesFor } from '../plan/signatures.ts';
import { programFor } from '../plan/buildProgram.ts';

/** What runs of any size work with. */
export interface RunMeans extends Pick<RunParts, 'onTrained' | 'watch'> {
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly batchCache: DeviceBatchesCache;
  readonly signal: AbortSignal | undefined;
  readonly pace: Scheduling;
}

/** Allocates a run on the device; without `given` the settings and the data say its size. Throws TrainingError, BackendError and what allocate throws. */
export async function prepareParts(
  means: RunMeans,
  settings: Settings,
  given: Allocation | undefined,
): Promise<RunParts> {
  const { dataset, backend, batchCache, signal, pace, onTrained, watch } = means;
  const plan = planTraining({ settings, dataset, backend, allocation: given, batchCache });
  const { allocation } = plan;
  const { layout, lookups } = plan.run;
  const { seed } = plan.run.settings;
  const signatures = signaturesFor(allocation, dataset, seed);
  const deviceBatches = batchCache.batchesFor(backend, dataset, layout, seed, { lookups, signatures });
  try {
    const program = signatures
      ? programFor(plan.run.settings, dataset, allocation, layout, signatures)
      : plan.run.program;
    checkPostTraining(plan.run.settings, program);
    const execution = await backend.prepare(program, deviceBatches.open(program.data), seed);
    const memory = trainingMemory(plan.run, backend);
    const parts = { dataset, backend, execution, deviceBatches, signal, pace, onTrained, watch };
    return { settings: plan.run.settings, allocation, program, memory, ...parts };
  } catch (error) {
    const isFull = error instanceof BackendError && error.failure === 'out-of-memory';
    if (!isFull || !deviceBatches.layout.resident) throw error;
    batchCache.useRings();
    return prepareParts(means, settings, given);
  }
}

/** A limit does not make the batch of a run in progress give way: the size is refused instead. */
export async function prepareSize(means: RunMeans, { settings, allocation }: RunSize): Promise<RunParts> {
  const { trainMemory } = settings;
  const parts = await prepareParts(means, { ...settings, trainMemory: null }, allocation);
  const bytes = totalBytes(parts.memory.bytes);
  if (trainMemory !== null && bytes > trainMemory * 1e6) {
    parts.execution.destroy();
    throw new TrainingError(
      `At that size the run would take ${(bytes / 1e6).toFixed(1)} MB, and ${trainMemory} MB are allowed.`,
      'Choose a smaller budget, or start a new run within that memory.',
    );
  }
  return { ...parts, settings };
}
