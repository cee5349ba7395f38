import { allocate } from './allocate.ts';
import type { Allocation, FieldStatistics } from './allocation.ts';
import { BudgetTooSmallError } from './errors.ts';
import type { AllocationRequest } from './method.ts';
import { popularityBlocks } from './popularityBlocks.ts';
import { describeAllocation, totalsOf } from './totals.ts';

/** Budgets that are tried, each halving what is left of the interval. */
const HALVINGS = 48;

/**
 * The dims that a method gives for a budget, with vectors of at least `leastBaseDim` floats, as a model has them that
 * goes on with what it has learnt: where the method itself would shorten all vectors, dims are those of the largest
 * smaller budget whose tables, widened to that D by a projection each, cost at most this one.
 * For methods whose fields are blocks. Throws BudgetTooSmallError, AllocationError.
 */
export function allocateWithin(
  fields: readonly FieldStatistics[],
  request: AllocationRequest & { readonly budget: number },
  leastBaseDim: number,
): Allocation {
  const { budget } = request;
  const free = allocate(fields, request);
  if (free.baseDim >= leastBaseDim) return free;
  const blocks = popularityBlocks(fields, request.blocks);
  const ones = new Float64Array(blocks.length).fill(1);
  const smallest = totalsOf(blocks, ones, leastBaseDim).parameters;
  if (smallest > budget) throw new BudgetTooSmallError(budget, smallest);
  let dims: ArrayLike<number> = ones;
  let [low, high] = [blocks.reduce((sum, { rows }) => sum + rows, 0), budget];
  for (let i = 0; i < HALVINGS && high - low >= 1; i++) {
    const middle = Math.floor((low + high) / 2);
    if (middle === low) break;
    const found = allocate(fields, { ...request, budget: middle }).blocks.map(({ dim }) => dim);
    if (totalsOf(blocks, found, leastBaseDim).parameters <= budget) [low, dims] = [middle, found];
    else high = middle;
  }
  return describeAllocation(blocks, dims, request, leastBaseDim);
}
