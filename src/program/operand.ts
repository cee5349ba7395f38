import type { FieldSlots, Lookup } from './lookup.ts';
import type { Tensor } from './tensor.ts';

/** What ops take besides tensors, and the constants in their definitions: see op.ts. */

export type Activation = 'none' | 'relu';

export type Optimizer =
  | { readonly kind: 'sgd' }
  /** Element-wise on dense tensors, one accumulator per row (mean of squares, as in FBGEMM) on tables. */
  | { readonly kind: 'adagrad'; readonly epsilon: number }
  /** On tables only the rows of the batch move ("lazy"); bias correction uses the global step. */
  | {
      readonly kind: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly amsgrad: boolean;
    };

export type Loss = 'log-loss' | 'squared-error';

/**
 * Examples resident on the device, in slots of one batch. Slot s holds examples s·B … s·B + B − 1.
 * `rowIndex` is the order of the embedding update, one per training slot.
 * S = lookups: F of them, and `rows` is `ids`, where every id has its own row.
 */
export interface BatchData {
  readonly ids: Tensor; // u32[slots, B, F]
  readonly lookups: readonly Lookup[];
  readonly rows: Tensor; // `ids`, or u32[B, S] that 'locate' fills in every step
  readonly signatures: Tensor | undefined; // u32[rows of the fields that are looked up by them, 2]
  readonly numbers: Tensor | undefined; // f32[slots, B, numeric columns]
  readonly labels: Tensor; // f32[slots, B]
  readonly rowIndex: RowIndex;
}

/**
 * The lookups of a batch, sorted by (space, row, example, lookup), cut into segments of equal (space, row).
 * An occurrence is example·S + lookup. Segment k is occurrences[starts[k] … starts[k+1]).
 * `long` lists the segments with more than LONG_SEGMENT occurrences, which get a workgroup each.
 */
export interface RowIndex {
  readonly occurrences: Tensor; // u32[train slots, B·S]
  readonly starts: Tensor; // u32[train slots, B·S + 1]
  readonly long: Tensor; // u32[train slots, ⌊B·S / LONG_SEGMENT⌋ + 1]
}

/** Segments longer than this are summed by a workgroup with a fixed tree instead of one thread. */
export const LONG_SEGMENT = 64;

/** Bits of the code of an activation. */
export type QuantisedBits = 4 | 8 | 16;

/**
 * A tensor [rows, columns] of the forward pass, saved for the backward pass as a code for every element,
 * row by row, 32/bits to a word from its lowest bits up. The columns are cut into groups, side by side,
 * each with a deviation: the codes of a group are the 2^bits bins of equal width from −3 to 3 deviations.
 * Chakrabarti & Moseley 2019, arXiv 1901.07988, §3; there the deviation comes from batch normalisation.
 */
export interface QuantisedActivation {
  readonly codes: Tensor; // u32[⌈rows·columns·bits/32⌉]
  readonly deviations: Tensor; // f32[groups]
  readonly bits: QuantisedBits;
  readonly shape: readonly number[];
  /** Columns of every group. */
  readonly groups: readonly number[];
  /** Whether the codes are of a ReLU's output: what is not above 0 stands for 0. */
  readonly relu: boolean;
}

/** What a backward op reads of the forward pass: the tensor itself, or its codes. */
export type SavedActivation = Tensor | QuantisedActivation;

export function isQuantised(saved: SavedActivation): saved is QuantisedActivation {
  return 'codes' in saved;
}

/** The group of every column. */
export function groupsOfColumns({ groups }: Pick<QuantisedActivation, 'groups'>): readonly number[] {
  return groups.flatMap((columns, group) => Array<number>(columns).fill(group));
}

/** Share of a deviation's variance that stays when a batch's own is averaged in; the first batch sets it. */
export const VARIANCE_DECAY = 0.9;

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
  /** Missing: the gradient is exact. */
  readonly factors?: GradientFactors;
  /** The element of `gradients` at which an exact gradient begins. */
  readonly exactAt: number;
}

/** total = sums, or total + sums: the gradient of a bias over the sub-batches so far. */
export interface BiasSum {
  readonly sums: Tensor;
  readonly total: Tensor;
  readonly adds: boolean;
}

/** A |σ| divides as no less than this share of the largest; where the largest is below `absolute`, all count as 0. */
export const LEAST_SIGMA = { relative: 1e-4, absolute: 1e-12 } as const;

/** A vector lies in the span of those before it where orthogonalisation leaves no larger share of it. */
export const LEAST_RESIDUAL = 1e-5;

/** A part whose three slots are slices of tensor-train cores: [q1, r], [r, q2, r] and [r, q3], Π q = D. */
export interface TensorTrainPart extends FieldSlots {
  readonly rank: number;
  readonly factors: readonly [q1: number, q2: number, q3: number];
}

/** A part whose two slots are a base z [D] and an MLP of h hidden units: W1 [D, h], b1 [h], W2 [h, D], b2 [D]. */
export interface PathPart extends FieldSlots {
  readonly hidden: number;
}

export interface ElementRange {
  readonly offset: number;
  readonly elements: number;
}

/** The logit of a frozen threshold, deep below every one that is learnt: the field's elements are thresholded for good. */
export const FROZEN_LOGIT = -160;

/** By how much Δ grows in an update when every element lies beyond the limit and wants to go further. */
export const SCALE_RATE = 0.25;

/**
 * The digits of a float's magnitude, from the highest: `shift` is a digit's lowest bit, `bins` how many values it has.
 * The 31 bits, read as an integer, are ordered as the magnitudes are.
 */
export const PRUNE_DIGITS: readonly { readonly shift: number; readonly bins: number }[] = [
  { shift: 20, bins: 2048 },
  { shift: 10, bins: 1024 },
  { shift: 0, bins: 1024 },
];
export const PRUNE_BINS = 2048;
