import type { MethodId } from '../settings/settings.ts';

/** What a method needs to know of a field. A Dataset's fields are FieldStatistics. */
export interface FieldStatistics {
  readonly name: string;
  readonly cardinality: number;
  /** Lookups of each id, never increasing; absent when only cardinalities are known. */
  readonly counts?: Uint32Array;
}

/** A range of a field's ids (popularity ranks) that shares a dim. */
export interface Block {
  readonly field: number;
  readonly firstId: number;
  readonly rows: number;
  /** Share of the field's lookups that hit this block. */
  readonly mass: number;
  /** Probability that a lookup of this field hits one given row, by the definition in use. */
  readonly popularity: number;
  /** Stored floats per row. An integer unless rounding is 'none'. */
  readonly dim: number;
  /** rows·dim. */
  readonly tableParameters: number;
  /** dim·D, or 0 when dim = D. */
  readonly projectionParameters: number;
}

/** How many floats every row gets. The outcome of α and a budget; nothing is allocated yet. */
export interface Allocation {
  readonly method: MethodId;
  readonly alpha: number;
  /** D: the dim of every vector the model sees. */
  readonly baseDim: number;
  /** In field order, then id order; every id of every field is in exactly one. */
  readonly blocks: readonly Block[];
  readonly embeddingParameters: number;
  readonly projectionParameters: number;
  /** What is really stored: the sum of the two. Never above `budget` when one was given. */
  readonly parameters: number;
  readonly budget: number | null;
}
