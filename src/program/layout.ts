import type { Tensor } from './tensor.ts';

/** A contiguous range of the ids of one field that shares a dim. */
export interface BlockLayout {
  readonly field: number;
  /** Ids firstId … firstId + rows − 1 of the field. */
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

export interface FieldLayout {
  readonly firstBlock: number;
  readonly blocks: number;
  /** Offset of the field's slot in a stored row [width]; the slot is as wide as its widest block. */
  readonly slotOffset: number;
  readonly slotWidth: number;
}

/**
 * How all fields' tables lie in one flat tensor. One descriptor drives one gather, one projection
 * and one update for every field, whatever their number.
 */
export interface EmbeddingLayout {
  readonly fields: readonly FieldLayout[];
  readonly blocks: readonly BlockLayout[];
  /** Σ slot widths: floats that a gathered example takes. */
  readonly width: number;
  /** D, the dim of every vector after projection. */
  readonly baseDim: number;
  readonly rows: number;
  readonly tableElements: number;
  readonly projectionElements: number;
  /** u32[fields, 4]: firstBlock, blocks, slotOffset, slotWidth. */
  readonly fieldTable: Tensor;
  /** u32[blocks, 8]: field, firstId, rows, dim, tableOffset, projectionOffset (0xffffffff: none), firstRow, 0. */
  readonly blockTable: Tensor;
}
