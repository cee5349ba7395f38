import { AllocationError } from './errors.ts';
import type { AllocationRequest, BlockEnergies } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim } from './rounding.ts';
import { type Candidate, type SteppedRule, sweepTotals } from './sweepTotals.ts';
import { totalsOf } from './totals.ts';

/**
 * Dims by reverse water-filling, instead of by popularity: of all dims that a budget pays for, those that keep most of
 * Σ_fields E‖e‖², the mean squared norm of what is looked up. A step from dim d to d′ gains Σ_{d < k ≤ d′} σ_k² and costs (rows + D) floats
 * a dim; steps are taken by gain per float, as far down as the water level 1/base.
 */
class SpectralRule implements SteppedRule {
  readonly rows: Float64Array; // [blocks]
  readonly #energies: readonly BlockEnergies['energies'][];
  readonly #isPower: boolean;
  readonly #cap: number;

  constructor(
    blocks: readonly PopularityBlock[],
    spectra: readonly BlockEnergies[],
    request: AllocationRequest,
  ) {
    this.rows = Float64Array.from(blocks, (block) => block.rows);
    this.#energies = spectra.map(({ energies }) => energies);
    this.#isPower = request.rounding === 'power-of-two';
    this.#cap = largestDim(request);
  }

  dims(base: number): Float64Array {
    return Float64Array.from(this.rows, (_, block) => {
      let dim = 1;
      while (this.baseAfter(dim, block) <= base) dim = this.dimAfter(dim);
      return dim;
    });
  }

  /** Dims count directions, so they are whole numbers whatever the rounding. */
  dimAfter(dim: number): number {
    return this.#isPower ? 2 * dim : dim + 1;
  }

  baseAfter(dim: number, block: number): number {
    const energies = this.#energies[block];
    const next = this.dimAfter(dim);
    if (next > this.#cap) return Infinity;
    let gain = 0;
    for (let k = dim; k < Math.min(next, energies.length); k++) gain += energies[k];
    return gain > 0 ? ((this.rows[block] + this.#cap) * (next - dim)) / gain : Infinity;
  }
}

/**
 * The dims of the lowest water level whose total, projections included, is at most the budget, and then what still
 * fits of the steps below it, the best first. Requires Σ rows ≤ budget. Throws AllocationError for spectra of other blocks.
 */
export function spectralDims(
  blocks: readonly PopularityBlock[],
  spectra: readonly BlockEnergies[],
  request: AllocationRequest,
  budget: number,
): Float64Array {
  const isTheirs = blocks.every(
    ({ field, firstId }, i) => spectra[i]?.field === field && spectra[i].firstId === firstId,
  );
  if (!isTheirs || spectra.length !== blocks.length) {
    throw new AllocationError(
      'The spectra are those of other popularity blocks.',
      'Measure them again for as many blocks as the settings say.',
    );
  }
  const longest = Math.max(1, ...spectra.map(({ energies }) => energies.length));
  const rule = new SpectralRule(blocks, spectra, { ...request, maxDim: Math.min(request.maxDim, longest) });
  const ones = new Float64Array(blocks.length).fill(1);
  const found: Candidate | null = sweepTotals(rule, [0, Number.MAX_VALUE], 0, budget);
  return fillUp(blocks, rule, found?.dims ?? ones, budget);
}

function fillUp(
  blocks: readonly PopularityBlock[],
  rule: SpectralRule,
  dims: Float64Array,
  budget: number,
): Float64Array {
  const open = new Set(blocks.keys());
  for (;;) {
    widen(blocks, dims);
    let best = -1;
    let least = Infinity;
    for (const block of open) {
      const base = rule.baseAfter(dims[block], block);
      if (base < least) [best, least] = [block, base];
    }
    if (best < 0) return dims;
    const before = dims[best];
    dims[best] = rule.dimAfter(before);
    if (totalsOf(blocks, dims).parameters <= budget) continue;
    dims[best] = before;
    open.delete(best);
  }
}

/** Gives D to blocks whose table and projection would store as much as rows of dim D. Dims never fall, and the total does not grow. */
function widen(blocks: readonly PopularityBlock[], dims: Float64Array): void {
  const baseDim = dims.reduce((a, b) => Math.max(a, b), 1);
  for (let i = 0; i < dims.length; i++) {
    const { rows } = blocks[i];
    if (rows * baseDim <= (rows + baseDim) * dims[i]) dims[i] = baseDim;
  }
}
