import type { Tensor } from './tensor.ts';

/** Bits of a code. */
export type CodeBits = 4 | 8 | 16;

/**
 * What the backward pass keeps of a tensor [rows, columns] whose floats are gone: a code for every element,
 * row by row, 32/bits to a word from its lowest bits up. The columns are cut into groups, side by side,
 * each with a unit: the codes of a group are the 2^bits bins of equal width from −3 to 3 units.
 * Chakrabarti & Moseley 2019, arXiv 1901.07988, §3; there the unit comes from batch normalisation.
 */
export interface Packed {
  readonly codes: Tensor; // u32[⌈rows·columns·bits/32⌉]
  readonly units: Tensor; // f32[groups]
  readonly bits: CodeBits;
  readonly shape: readonly number[];
  /** Columns of every group. */
  readonly groups: readonly number[];
  /** Elements not above 0 stand for 0. */
  readonly relu: boolean;
}

/** What a backward op reads of the forward pass. */
export type Kept = Tensor | Packed;

export function isPacked(kept: Kept): kept is Packed {
  return 'codes' in kept;
}

/** The group of every column. */
export function groupsOfColumns({ groups }: Pick<Packed, 'groups'>): readonly number[] {
  return groups.flatMap((columns, group) => Array<number>(columns).fill(group));
}

/** A unit's variance is this share of what it was and the rest of the batch's own; the first batch sets it. */
export const UNIT_DECAY = 0.9;
