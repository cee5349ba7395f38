import { boundTotals } from './boundTotals.ts';
import type { DimRule } from './dimRule.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { type Candidate, sweepTotals } from './sweepTotals.ts';
import { totalsOf } from './totals.ts';

/** Real dims meet the budget to this share. */
const CLOSE_ENOUGH = 1 - 1e-9;

/** An interval with this many crossings a block or fewer is swept, a larger one halved. */
const SWEPT_CROSSINGS = 2;

/**
 * The dims of a rule with the largest total, projections included, that is at most the budget; of
 * equal totals those with the largest D.
 *
 * The total does not only grow with D: a block whose dim reaches the largest one loses its
 * projection. So this is a branch and bound over D, largest first: an interval is left out when
 * all its totals are above the budget, or none is above the best so far; small ones are swept.
 * Requires Σ rows ≤ budget < Σ rows·cap.
 */
export function largestDims(blocks: readonly PopularityBlock[], rule: DimRule, budget: number): Float64Array {
  const real = rule.rounding === 'none';
  const target = real ? budget * CLOSE_ENOUGH : budget;
  const intervals: [number, number][] = [[1, rule.lastBase]];
  let best = candidateAt(blocks, rule, 1);
  while (best.total < target) {
    const interval = intervals.pop();
    if (!interval) break;
    const [low, high] = interval;
    const { least, most, crossings } = boundTotals(rule, low, high);
    if (least > budget || most <= best.total) continue;
    const middle = high > 2 * low ? Math.sqrt(low * high) : (low + high) / 2;
    const halved = middle > low && middle < high;
    if (!real && (crossings <= SWEPT_CROSSINGS * blocks.length || !halved)) {
      best = sweepTotals(rule, interval, best.total, budget) ?? best;
    } else if (halved) {
      if (real) {
        const found = candidateAt(blocks, rule, middle);
        if (found.total <= budget && found.total > best.total) best = found;
      }
      intervals.push([low, middle], [middle, high]);
    }
  }
  return best.dims;
}

function candidateAt(blocks: readonly PopularityBlock[], rule: DimRule, base: number): Candidate {
  const dims = rule.dims(base);
  return { dims, total: totalsOf(blocks, dims).parameters };
}
