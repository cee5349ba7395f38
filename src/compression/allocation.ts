import type { Combine, MethodId } from '../settings/settings.ts';

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

/** How the vectors of one field are stored. */
export type FieldStorage =
  /** As the field's blocks say: a table a block, and a projection where dim < D. */
  | { readonly kind: 'blocks' }
  /** A table a partition; the row of an id is ⌊id / divisor⌋ mod rows. One partition: the hashing trick. */
  | { readonly kind: 'partitions'; readonly combine: Combine; readonly partitions: readonly Partition[] }
  /** A row of b-bit integers and one scale an id, in training too. */
  | { readonly kind: 'codes'; readonly bits: 8 | 4 }
  /** Hashes of the id, without any lookup, pass through the one decoder of the allocation. */
  | { readonly kind: 'deep-hash' }
  /** A base vector, and the class of ids that share none of them picks the MLP D → hidden → D that it passes through. */
  | {
      readonly kind: 'path';
      readonly hidden: number;
      readonly bases: Partition;
      readonly mlps: Partition;
    }
  /** Three digits of the id pick a slice each of cores [q1, r], [r, q2, r] and [r, q3]; the vector is their product. */
  | {
      readonly kind: 'tensor-train';
      readonly rank: number;
      readonly factors: readonly [q1: number, q2: number, q3: number];
      readonly cores: readonly Partition[];
    }
  /** The first `hot` ids have a row each, all others share `cold` rows. */
  | { readonly kind: 'split'; readonly hot: number; readonly cold: number }
  /** Every run of `chunk` elements lies at a hashed place of the memory that such fields share. */
  | { readonly kind: 'shared'; readonly chunk: number }
  /** Every element lies where K minhashes of the id's signature place it, in the same memory. */
  | { readonly kind: 'similar'; readonly hashes: number }
  /** A full table while it is trained, compressed sparse rows in the end: all but few elements are zero. */
  | { readonly kind: 'sparse'; readonly threshold?: 'learnt' };

/** The network of the fields of kind 'deep-hash': hashes → hiddenWidth → … → D, hiddenLayers of them h → h. */
export interface Decoder {
  readonly hashes: number;
  readonly hiddenLayers: number;
  readonly hiddenWidth: number;
}

export interface Partition {
  readonly divisor: number;
  readonly rows: number;
  readonly dim: number;
}

/** What every field stores, for one α and budget: a description, not memory. */
export interface Allocation {
  readonly method: MethodId;
  readonly alpha: number;
  /** D: the dim of every vector the model sees. */
  readonly baseDim: number;
  /** In field order, then id order; every id of every field is in exactly one. */
  readonly blocks: readonly Block[];
  readonly fields: readonly FieldStorage[];
  /** m: floats of the memory that the fields of kinds 'shared' and 'similar' share. */
  readonly sharedElements: number;
  /** If there are fields of kind 'deep-hash'. */
  readonly decoder?: Decoder | undefined;
  /** Elements that the fields of kind 'sparse' keep between them, at most, when training is over. */
  readonly nonZeros?: number;
  readonly embeddingParameters: number;
  readonly projectionParameters: number;
  /** What is really stored: the sum of the two. Never above `budget` when one was given. */
  readonly parameters: number;
  /** What is held while it is trained, where that is more than what is stored in the end. */
  readonly trainedParameters?: number;
  /** What the method's paper counts; less than is stored where it leaves something out. */
  readonly paperParameters: number;
  readonly budget: number | null;
}
