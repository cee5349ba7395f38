import { DimRule, largestDims } from './largestDims.ts';
import type { AllocationRequest, Method } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim, roundDim, storedDim } from './rounding.ts';
import { spectralDims } from './spectralDims.ts';
import { checkBaseDim, checkBudget, describeAllocation, popularityOf, rangeOfDims } from './totals.ts';
import { equalDims, largestEqualDim } from './uniform.ts';

/** Ginart, Naumov, Mudigere, Yang, Zou 2019, "Mixed Dimension Embeddings", arXiv 1909.11810. */
export const mixedDimension: Method = {
  paper: 'Ginart et al. 2019, arXiv 1909.11810',
  explanation:
    'Popular rows get long vectors and rare rows short ones, which a projection per block widens to the base dim. The temperature α says how steep the change is; α = 0 is uniform.',
  formula: 'd_i = D · (p_i / p_max)^α',
  hyperparameters: ['alpha', 'blocks', 'popularity', 'rounding', 'maxDim', 'allocation', 'warmupSteps'],
  allocate(blocks, request) {
    return describeAllocation(blocks, chooseDims(blocks, request), request);
  },
  reachableRange: rangeOfDims,
};

function chooseDims(blocks: readonly PopularityBlock[], request: AllocationRequest): Float64Array {
  const { budget } = request;
  const popularity = Float64Array.from(blocks, (block) => popularityOf(block, request));
  if (budget !== undefined && request.rule === 'dlrm') return dlrmDims(popularity, blocks, request, budget);
  const ratios = powerOfPopularity(popularity, request.alpha);
  if (budget === undefined) {
    checkBaseDim(request.baseDim, request);
    return ratios.map((ratio) => storedDim(request.baseDim * ratio, request));
  }
  checkBudget(blocks, budget);
  // The budget pays for the largest dim everywhere, and equal dims need no projections.
  if (rangeOfDims(blocks, request).max <= budget) return equalDims(blocks, largestDim(request));
  if (request.allocation === 'spectral' && request.spectra)
    return spectralDims(blocks, request.spectra, request, budget);
  const dims = largestDims(blocks, new DimRule(blocks, ratios, request), budget);
  // Without rounding, where the first projections cost more than the budget leaves, all rows share what is left.
  const shared = request.rounding === 'none' && dims.every((dim) => dim === 1);
  return shared ? equalDims(blocks, largestEqualDim(blocks, budget)) : dims;
}

/** (p_i / p_max)^α: the dims up to the factor D. */
function powerOfPopularity(popularity: Float64Array, alpha: number): Float64Array {
  const largest = popularity.reduce((a, b) => Math.max(a, b), 0);
  return popularity.map((p) => (p / largest) ** alpha);
}

/**
 * alpha_power_rule with a budget, as in tricks/md_embedding_bag.py of github.com/facebookresearch/dlrm, where
 * n is rows per lookup, 1/p: λ = B / Σ n^(1−α), d = λ·n^−α. Floors and rounding come after solving
 * and projections are not counted, so the total can be above the budget. It knows no cap.
 */
function dlrmDims(
  popularity: Float64Array,
  blocks: readonly PopularityBlock[],
  { alpha, rounding }: AllocationRequest,
  budget: number,
): Float64Array {
  checkBudget(blocks, budget);
  let sum = 0;
  for (const p of popularity) if (p > 0) sum += p ** (alpha - 1);
  const scale = budget / sum;
  return popularity.map((p) => roundDim(Math.max(1, scale * p ** alpha), rounding));
}
