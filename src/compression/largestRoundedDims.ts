import type { DimLimits } from './method.ts';
import { MinQueue } from './minQueue.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim, roundDim } from './rounding.ts';

/**
 * Dims min(cap, round(max(1, D·ratio))) with the largest total, projections included, that is at
 * most the budget; of equal totals the one with the largest D.
 *
 * A rounded total changes only where some D·ratio crosses a half, and it does not only grow: a
 * block whose dim reaches the largest one loses its projection. So all crossings are visited in
 * the order of D until the tables alone are above the budget; each costs O(log blocks).
 * Requires Σ rows ≤ budget < Σ rows·cap.
 */
export function largestRoundedDims(
  blocks: readonly PopularityBlock[],
  ratios: Float64Array, // [blocks], largest 1
  limits: DimLimits,
  budget: number,
): Float64Array {
  const crossings = listCrossings(limits);
  const passed = new Uint16Array(blocks.length); // crossings that each block has behind it
  const queue = new MinQueue(ratios.map((ratio) => crossings.positions[0] / ratio));
  const total = new RunningTotal(blocks);
  let best = total.parameters;
  let changes: { readonly block: number; readonly dim: number }[] = []; // since `best`, to be undone
  while (total.tables <= budget && queue.least < Infinity) {
    const base = queue.least;
    while (queue.least === base) {
      const block = queue.first;
      changes.push({ block, dim: total.dims[block] });
      total.raise(block, crossings.dims[passed[block]++]);
      queue.raiseFirst(crossings.positions[passed[block]] / ratios[block]);
    }
    if (total.parameters <= budget && total.parameters >= best) {
      best = total.parameters;
      changes = [];
    }
  }
  for (const { block, dim } of changes.toReversed()) total.dims[block] = dim;
  return total.dims;
}

/** Σ rows·dim, and the projections Σ dim·D over dims below D, kept up to date: D·(Σ dim − D·blocks at D). */
class RunningTotal {
  readonly dims: Float64Array; // [blocks]
  tables = 0;
  readonly #blocks: readonly PopularityBlock[];
  #sumOfDims: number;
  #largest = 1;
  #blocksAtLargest: number;

  constructor(blocks: readonly PopularityBlock[]) {
    this.#blocks = blocks;
    this.dims = new Float64Array(blocks.length).fill(1);
    this.#sumOfDims = blocks.length;
    this.#blocksAtLargest = blocks.length;
    for (const block of blocks) this.tables += block.rows;
  }

  get parameters(): number {
    return this.tables + this.#largest * (this.#sumOfDims - this.#largest * this.#blocksAtLargest);
  }

  raise(block: number, dim: number): void {
    const increase = dim - this.dims[block];
    this.dims[block] = dim;
    this.tables += this.#blocks[block].rows * increase;
    this.#sumOfDims += increase;
    if (dim > this.#largest) {
      this.#largest = dim;
      this.#blocksAtLargest = 1;
    } else if (dim === this.#largest) this.#blocksAtLargest++;
  }
}

/** Where D·ratio goes over to the next dim; after the last one Infinity. */
interface Crossings {
  readonly positions: Float64Array;
  readonly dims: Float64Array;
}

function listCrossings(limits: DimLimits): Crossings {
  const cap = largestDim(limits);
  const positions: number[] = [];
  const dims: number[] = [];
  let dim = 1;
  for (let whole = 2; dim < cap; whole++) {
    const next = roundDim(whole, limits.rounding);
    if (next === dim) continue;
    // Half to even: from 1.5 on it is 2, but only what is above 2.5 is 3.
    positions.push((whole - 0.5) * (whole % 2 === 0 ? 1 : 1 + Number.EPSILON));
    dims.push((dim = next));
  }
  return { positions: Float64Array.of(...positions, Infinity), dims: Float64Array.from(dims) };
}
