import type { DimLimits } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { storedDim } from './rounding.ts';
import { totalsOf } from './totals.ts';
import { equalDims, largestEqualDim } from './uniform.ts';

/** Relative distance to a jump of the total: what stays unspent beside one. */
const BESIDE = 1e-12;

/**
 * Real dims min(cap, max(1, D·ratio)) whose total is the budget, for the largest such D.
 *
 * The total grows with D except where a block reaches the cap and loses its projection, at
 * cap/ratio; between those points it is continuous, and every piece begins below the end of the
 * piece before. Hence every budget from the first total with projections on is met exactly.
 * Below it only D = 1 is left of the rule; there the budget is met by widening all rows equally,
 * by less than the projections would cost.
 * Requires Σ rows ≤ budget < Σ rows·cap.
 */
export function largestRealDims(
  blocks: readonly PopularityBlock[],
  ratios: Float64Array, // [blocks], largest 1
  limits: DimLimits,
  budget: number,
): Float64Array {
  const dimsAt = (base: number) => ratios.map((ratio) => storedDim(base * ratio, limits));
  const fits = (base: number) => totalsOf(blocks, dimsAt(base)).parameters <= budget;
  const jumps = [...new Set(ratios)].map((ratio) => limits.maxDim / ratio).sort((a, b) => b - a);
  for (const [i, end] of jumps.entries()) {
    const start = i + 1 < jumps.length ? jumps[i + 1] : 1 + BESIDE;
    const last = end * (1 - BESIDE);
    if (start < last && fits(start) && !fits(last)) return dimsAt(largestFitting(start, last, fits));
  }
  return equalDims(blocks, largestEqualDim(blocks, budget));
}

/** Bisects to the last bit: fits(low), not fits(high), and one change between them. */
function largestFitting(low: number, high: number, fits: (base: number) => boolean): number {
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    if (fits(middle)) low = middle;
    else high = middle;
  }
}
