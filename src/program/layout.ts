import type { Tensor } from './tensor.ts';

/** A contiguous range of the rows that one lookup reads, with one dim. */
export interface BlockLayout {
  readonly lookup: number;
  /** Rows firstId … firstId + rows − 1 of the lookup; the ids themselves where every id has its own row. */
  readonly firstId: number;
  readonly rows: number;
  /** Stored floats per row. */
  readonly dim: number;
  /** Element offset of the block's [rows, dim] table in the flat table tensor. */
  readonly tableOffset: number;
  /** Element offset of the block's [dim, D] projection in the flat projection tensor; −1: dim = D, none. */
  readonly projectionOffset: number;
  /** Rows of all blocks before this one: the index of its first row in per-row optimiser state. */
  readonly firstRow: number;
}

/** A lookup that a layout does not hold has no blocks and no slot. */
export interface LookupLayout {
  readonly firstBlock: number;
  readonly blocks: number;
  /** Offset of the lookup's slot in a gathered row [width]; the slot is as wide as its widest block. */
  readonly slotOffset: number;
  readonly slotWidth: number;
}

/**
 * How the tables of many lookups lie in one flat tensor. One descriptor drives one gather, one
 * projection and one update for all of them, whatever their number. Blocks may share a table
 * (equal tableOffset and firstRow) if their lookups share a space.
 */
export interface EmbeddingLayout {
  /** One for every lookup of the program, held here or not. */
  readonly lookups: readonly LookupLayout[];
  readonly blocks: readonly BlockLayout[];
  /** Σ slot widths: floats that a gathered example takes. */
  readonly width: number;
  /** D, the dim of every vector after projection. */
  readonly baseDim: number;
  readonly rows: number;
  readonly tableElements: number;
  readonly projectionElements: number;
  /** u32[lookups, 4]: firstBlock, blocks, slotOffset, slotWidth. */
  readonly lookupTable: Tensor;
  /** u32[blocks, 8]: lookup, firstId, rows, dim, tableOffset, projectionOffset (0xffffffff: none), firstRow, 0. */
  readonly blockTable: Tensor;
}
