import type { DimLimits } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim, roundDim } from './rounding.ts';
import { type Candidate, type SteppedRule, sweepTotals } from './sweepTotals.ts';
import { totalsOf } from './totals.ts';

/** Without rounding, the search ends once this share of the budget is used. */
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

/** dim_i = min(cap, round(max(1, D·ratio_i))) as a function of D alone. */
export class DimRule implements SteppedRule {
  readonly rows: Float64Array; // [blocks]
  readonly ratios: Float64Array; // [blocks], the largest is 1
  readonly rounding: DimLimits['rounding'];
  readonly cap: number;

  constructor(blocks: readonly PopularityBlock[], ratios: Float64Array, limits: DimLimits) {
    this.rows = new Float64Array(blocks.length);
    for (let i = 0; i < blocks.length; i++) this.rows[i] = blocks[i].rows;
    this.ratios = ratios;
    this.rounding = limits.rounding;
    this.cap = largestDim(limits);
  }

  /** The dim of a block whose dim before rounding, D·ratio, is `base`. */
  dim(base: number): number {
    if (base >= this.cap) return this.cap;
    return base <= 1 ? 1 : Math.min(this.cap, roundDim(base, this.rounding));
  }

  dims(base: number): Float64Array {
    const dims = new Float64Array(this.ratios.length);
    for (let i = 0; i < dims.length; i++) dims[i] = this.dim(base * this.ratios[i]);
    return dims;
  }

  /** The D from which on every dim is at the cap; rows that nobody looks up (ratio 0) stay at 1. */
  get lastBase(): number {
    return (this.cap + 1) / this.ratios.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), 1);
  }

  /** For integers and powers of two alone. */
  dimAfter(dim: number): number {
    return this.rounding === 'integer' ? dim + 1 : 2 * dim;
  }

  /** The D at which a block with `dim` goes over to the next; Infinity at the cap. */
  baseAfter(dim: number, block: number): number {
    if (dim >= this.cap) return Infinity;
    // The least whole number that rounds to the next dim; between powers of two the boundary is √2·dim.
    const whole = this.rounding === 'integer' ? dim + 1 : Math.ceil(dim * Math.SQRT2);
    // Halves round to even: 1.5 to 2, and so does 2.5, so that the next dim begins just above it.
    const half = whole - 0.5;
    return (whole % 2 === 0 ? half : half * (1 + Number.EPSILON)) / this.ratios[block];
  }
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** How many times a block goes over to its next dim; meaningless for real dims. */
  readonly crossings: number;
}

/**
 * Bounds on the totals for D from low to high, exact where no dim changes.
 * A block with dim d stores (rows + D)·d when it is below the largest dim, rows·D when it is equal.
 */
function boundTotals(rule: DimRule, low: number, high: number): Bounds {
  const { rows, ratios, rounding } = rule;
  const baseLow = rule.dim(low);
  const baseHigh = rule.dim(high);
  // The largest dim that still has a projection.
  const projectedHigh = rounding === 'none' ? baseHigh : rounding === 'integer' ? baseHigh - 1 : baseHigh / 2;
  let least = 0;
  let most = 0;
  let crossings = 0;
  for (let i = 0; i < rows.length; i++) {
    const dimLow = rule.dim(low * ratios[i]);
    const dimHigh = rule.dim(high * ratios[i]);
    crossings += rounding === 'power-of-two' ? Math.log2(dimHigh / dimLow) : dimHigh - dimLow;
    if (ratios[i] === 1 || (dimLow === baseLow && baseLow === baseHigh)) {
      least += rows[i] * dimLow;
      most += rows[i] * dimHigh;
    } else if (dimHigh < baseLow || staysApart(rule, ratios[i], low, dimHigh)) {
      least += (rows[i] + baseLow) * dimLow;
      most += (rows[i] + baseHigh) * dimHigh;
    } else {
      least += Math.min((rows[i] + baseLow) * dimLow, rows[i] * baseLow);
      most += Math.max((rows[i] + baseHigh) * Math.min(dimHigh, projectedHigh), rows[i] * dimHigh);
    }
  }
  return { least, most, crossings };
}

/** Below the cap real dims differ if ratios do, and integers if they are over 1 apart before rounding. */
function staysApart({ cap, rounding }: DimRule, ratio: number, low: number, dimHigh: number): boolean {
  if (dimHigh === cap || rounding === 'power-of-two') return false;
  return rounding === 'none' || low * (1 - ratio) > 1 + 1e-9;
}
