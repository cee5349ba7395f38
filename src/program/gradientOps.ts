import type { Optimizer } from './op.ts';
import type { SavedActivation } from './quantisedActivation.ts';
import type { Tensor } from './tensor.ts';

/** A gradient [in, out] as left·diag(sigma)·right, of rank k; the columns of left and the rows of right are orthonormal. */
export interface GradientFactors {
  readonly left: Tensor; // [in, k]
  readonly right: Tensor; // [k, out]
  readonly sigma: Tensor; // [k]
}

/** Elements first … first + rows·columns − 1 of the dense parameters, and where their gradient is. */
export interface GradientPiece {
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  /** Missing: the gradient is exact, from this element of `gradients`. */
  readonly factors?: GradientFactors;
  readonly exactAt: number;
}

/** Relative to the largest one, and absolute: what |σ| is at least when it divides, and when all of it is 0. */
export const LEAST_SIGMA = { relative: 1e-4, absolute: 1e-12 } as const;

/** A vector of which the ones before it leave no larger share is taken to lie in their span. */
export const LEAST_RESIDUAL = 1e-5;

export type GradientOp =
  /**
   * One half of a block power step: v_c = keep·basis_c + gain·step_c/σ_c, made orthonormal from c = 0 on by
   * classical Gram–Schmidt, twice: a thin QR whose R has a positive diagonal, which carries signs from step to
   * step. Where σ is 0, the step is left out; a v_c in the span of those before it gives way to what
   * they leave of the first unit vector e_c, e_(c+1), … that is not.
   * With `measures`, σ_c = keep·σ_c + gain·⟨basis_c, step_c⟩ then.
   */
  | {
      readonly kind: 'refine-basis';
      readonly basis: Tensor; // [n, k] or, with `along` 'rows', [k, n]
      readonly along: 'columns' | 'rows';
      readonly step: Tensor; // like basis
      readonly sigma: Tensor; // [k]
      readonly keep: number;
      readonly gain: number;
      readonly measures: boolean;
      readonly bias: BiasSum | undefined;
    }
  /**
   * energies[i] = (‖g‖², ‖right·g‖², ‖g − ĝ‖²) of row i of the batch's gradient G = xᵀ·dy and of Ĝ = left·diag(σ)·right:
   * all of it, what lies in the span of the right factors, and what Ĝ misses. G itself is nowhere. Only in steps that measure.
   */
  | {
      readonly kind: 'measure-gradient';
      readonly x: SavedActivation; // [B, in]
      readonly dy: Tensor; // [B, out]
      readonly factors: GradientFactors;
      readonly energies: Tensor; // [in, 3]
    }
  /** The optimiser step of 'dense-update', whose gradient is made element by element from factors. */
  | {
      readonly kind: 'factored-update';
      readonly optimizer: Optimizer;
      readonly parameters: Tensor;
      /** Of the exact pieces, one after the other. */
      readonly gradients: Tensor;
      /** The storage of all factors. */
      readonly factors: Tensor;
      /** From the first element of `parameters` to the last. */
      readonly pieces: readonly GradientPiece[];
      readonly state: readonly Tensor[]; // as of 'dense-update'
    };

/** total = sums, or total + sums: the gradient of a bias over the sub-batches so far. */
export interface BiasSum {
  readonly sums: Tensor;
  readonly total: Tensor;
  readonly adds: boolean;
}
