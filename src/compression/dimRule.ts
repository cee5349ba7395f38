import type { DimLimits } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim, roundDim } from './rounding.ts';
import type { SteppedRule } from './sweepTotals.ts';

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

  /** Of a ratio of 1: `base` is D, or D·ratio. */
  dim(base: number): number {
    if (base >= this.cap) return this.cap;
    return base <= 1 ? 1 : Math.min(this.cap, roundDim(base, this.rounding));
  }

  dims(base: number): Float64Array {
    const dims = new Float64Array(this.ratios.length);
    for (let i = 0; i < dims.length; i++) dims[i] = this.dim(base * this.ratios[i]);
    return dims;
  }

  /** Where every dim is at the cap; those of rows that nobody looks up stay at 1. */
  get lastBase(): number {
    return (this.cap + 1) / this.ratios.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), 1);
  }

  /** Integers and powers of two only. */
  dimAfter(dim: number): number {
    return this.rounding === 'integer' ? dim + 1 : 2 * dim;
  }

  /** The D at which a block with `dim` goes over to the next; Infinity at the cap. */
  baseAfter(dim: number, block: number): number {
    if (dim >= this.cap) return Infinity;
    // The least whole number that is rounded to the next dim: powers of two part at √2.
    const whole = this.rounding === 'integer' ? dim + 1 : Math.ceil(dim * Math.SQRT2);
    // Half to even: from 1.5 on it is 2, but only what is above 2.5 is 3.
    const half = whole - 0.5;
    return (whole % 2 === 0 ? half : half * (1 + Number.EPSILON)) / this.ratios[block];
  }
}
