import type { Tensor } from './tensor.ts';

/** Bits of a code. */
export type CodeBits = 4 | 8 | 16;

/**
 * What the backward pass keeps of a tensor [rows, columns] whose floats are gone: a code for every element,
 * row by row, 32/bits to a word from its lowest bits up. The columns are cut into groups, side by side,
 * each with a deviation: the codes of a group are the 2^bits bins of equal width from −3 to 3 deviations.
 * Chakrabarti & Moseley 2019, arXiv 1901.07988, §3; there the deviation comes from batch normalisation.
 */
export interface QuantisedActivation {
  readonly codes: Tensor; // u32[⌈rows·columns·bits/32⌉]
  readonly deviations: Tensor; // f32[groups]
  readonly bits: CodeBits;
  readonly shape: readonly number[];
  /** Columns of every group. */
  readonly groups: readonly number[];
  /** Elements not above 0 stand for 0. */
  readonly relu: boolean;
}

/** What a backward op reads of the forward pass. */
export type SavedActivation = Tensor | QuantisedActivation;

export function isQuantised(saved: SavedActivation): saved is QuantisedActivation {
  return 'codes' in saved;
}

/** The group of every column. */
export function groupsOfColumns({ groups }: Pick<QuantisedActivation, 'groups'>): readonly number[] {
  return groups.flatMap((columns, group) => Array<number>(columns).fill(group));
}

/** A deviation's variance is this share of what it was and the rest of the batch's own; the first batch sets it. */
export const VARIANCE_DECAY = 0.9;
