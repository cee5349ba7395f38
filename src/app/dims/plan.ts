import type { Allocation } from '../../compression/allocation.ts';
import type { AllocationSummary } from '../../training/events/events.ts';
import { allocate, reachableRange } from '../../compression/allocate.ts';
import { defaultBudget } from '../../settings/defaultBudget.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DatasetSummary, Failure } from '../../worker/protocol.ts';
import type { DimsState } from './state.ts';
import { type BudgetScale, budgetScale } from '../sizes/budgetScale.ts';

type Plan = Pick<DimsState, 'allocation' | 'allocationFailure' | 'budget'>;

/** The dims that these settings give on this data: pure arithmetic, done at every slider input. */
export function planDims(settings: Settings, dataset: DatasetSummary | null): Plan {
  if (!dataset) return { allocation: null, allocationFailure: null, budget: settings.budget ?? 0 };
  const budget = settings.budget ?? defaultBudget(dataset.task, dataset.fields, settings);
  try {
    return { allocation: allocate(dataset.fields, { ...settings, budget }), allocationFailure: null, budget };
  } catch (error) {
    return { allocation: null, allocationFailure: error as Failure, budget };
  }
}

/** The plan with the dims that a run really has: chosen by spectra, or kept as long as they were when it was resized. */
export function withDimsOf(
  allocation: Allocation | null,
  { dims, ...totals }: AllocationSummary,
): Allocation | null {
  if (!allocation || allocation.blocks.length !== dims.length) return allocation;
  const { baseDim } = totals;
  const blocks = allocation.blocks.map((block, i) => ({
    ...block,
    dim: dims[i],
    tableParameters: block.rows * dims[i],
    projectionParameters: dims[i] < baseDim ? dims[i] * baseDim : 0,
  }));
  return { ...allocation, ...totals, blocks };
}

const countRows = ({ fields }: DatasetSummary): number =>
  fields.reduce((rows, field) => rows + field.cardinality, 0);

/** The range of the budget slider. It depends on the data set alone, so that the scale does not move during a drag. */
export function scaleFor(dataset: DatasetSummary): BudgetScale {
  const { min } = reachableRange(dataset.fields, {
    method: 'uniform',
    blocks: 1,
    rounding: 'integer',
    maxDim: 64,
  });
  return budgetScale(min, 64 * countRows(dataset));
}
