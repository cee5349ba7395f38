import type { Backend } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Dataset } from '../../data/dataset.ts';
import { totalBytes } from '../../program/memory.ts';
import type { Program } from '../../program/program.ts';
import type { Settings } from '../../settings/settings.ts';
import type { ResolvedSettings } from '../events.ts';
import type { DeviceBatchesCache } from '../batches/deviceBatches.ts';
import { fitMemory, type MemoryChoice } from './fitMemory.ts';
import { planRun, type RunPlan, type TrainingMemory, trainingMemory } from './planRun.ts';
import { resolveSettings } from './resolveSettings.ts';
import { allocateRun, approximate } from './buildProgram.ts';

export interface TrainingRequest {
  readonly settings: Settings;
  readonly dataset: Dataset;
  readonly backend: Backend;
  /** Instead of the one that settings and data give. */
  readonly allocation?: Allocation | undefined;
  readonly batchCache: DeviceBatchesCache;
}

/** A run that fits into its training memory. */
export interface TrainingPlan {
  readonly allocation: Allocation;
  /** What the settings say; the run's may have given way to the limit. */
  readonly asked: ResolvedSettings;
  readonly run: RunPlan;
}

/** Nothing is allocated yet. Throws TrainingError and what allocate throws. */
export function planTraining(request: TrainingRequest): TrainingPlan {
  const { settings: asked, dataset, backend } = request;
  const settings = resolveSettings(asked, dataset, backend.kind);
  const allocation = request.allocation ?? allocateRun(settings, dataset);
  const plan = (own: ResolvedSettings, dataBytes?: number): RunPlan =>
    planRun({ ...request, allocation, settings: own }, dataBytes);
  if (settings.trainMemory === null) return { allocation, asked: settings, run: plan(settings) };
  // A number of MB as people write it is rarely one that binary fractions hold.
  const limitBytes = Math.floor(settings.trainMemory * 1e6 + 1e-3);
  const choice = fitMemory(limitBytes, settings, asked, measurer(settings, backend, plan));
  // Rates and intervals that are left to the data follow the batch.
  const fitted = resolveSettings({ ...asked, ...choice }, dataset, backend.kind);
  const free = plan(fitted);
  const total = totalBytes(free.bytes);
  const run = total <= limitBytes ? free : plan(fitted, limitBytes - (total - free.bytes.data));
  return { allocation, asked: settings, run };
}

/** The least that a run of a choice takes. Choices of one batch are approximations of one program. */
function measurer(
  settings: ResolvedSettings,
  backend: Backend,
  plan: (settings: ResolvedSettings, dataBytes: number) => RunPlan,
): (choice: MemoryChoice) => number {
  const exact = new Map<number, Program>();
  return (choice) => {
    const own = { ...settings, ...choice };
    const program = exact.get(own.batch);
    if (program) return totalBytes(backend.footprint(approximate(program, own)));
    const first = plan(own, 0);
    exact.set(own.batch, first.exact);
    return totalBytes(first.bytes);
  };
}

/** What the page shows before anything runs. */
export interface MemoryEstimate {
  readonly asked: ResolvedSettings;
  /** Those that would be trained. */
  readonly settings: ResolvedSettings;
  readonly memory: TrainingMemory;
}

export function estimateMemory(request: TrainingRequest): MemoryEstimate {
  const plan = planTraining(request);
  return {
    asked: plan.asked,
    settings: plan.run.settings,
    memory: trainingMemory(plan.run, request.backend),
  };
}
