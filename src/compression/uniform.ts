import type { AllocationRequest, Method } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { dimAtMost, storedDim } from './rounding.ts';
import { checkBaseDim, checkBudget, describeAllocation, rangeOfDims, totalRows, totalsOf } from './totals.ts';

/** One dim for every row, no projections: what every other method is compared with. */
export const uniform: Method = {
  paper: 'Naumov et al. 2019, arXiv 1906.00091',
  explanation:
    'Every row of every field gets a vector of the same dim. A smaller budget makes all vectors shorter, popular or not.',
  formula: 'd_i = D',
  hyperparameters: ['rounding', 'maxDim'],
  allocate(blocks, request) {
    const dim = request.budget === undefined ? fixedDim(request) : dimWithin(blocks, request, request.budget);
    return describeAllocation(blocks, equalDims(blocks, dim), { ...request, alpha: 0 });
  },
  reachableRange: rangeOfDims,
};

function fixedDim(request: AllocationRequest & { readonly baseDim: number }): number {
  checkBaseDim(request.baseDim, request);
  return storedDim(request.baseDim, request);
}

function dimWithin(blocks: readonly PopularityBlock[], request: AllocationRequest, budget: number): number {
  checkBudget(blocks, budget);
  return dimAtMost(largestEqualDim(blocks, budget), request);
}

/** The largest real dim that every row can have. */
export function largestEqualDim(blocks: readonly PopularityBlock[], budget: number): number {
  let dim = budget / totalRows(blocks);
  // The sum over blocks rounds differently from the quotient; one step down is enough.
  while (totalsOf(blocks, equalDims(blocks, dim)).parameters > budget) dim *= 1 - Number.EPSILON;
  return dim;
}

export function equalDims(blocks: readonly PopularityBlock[], dim: number): Float64Array {
  return new Float64Array(blocks.length).fill(dim);
}
