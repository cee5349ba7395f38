import { hash4 } from '../random/hash.ts';
import type { Tensor } from './tensor.ts';

/** How the id of a field finds a row of the table that a lookup reads. 32-bit unsigned throughout. */
export type Address =
  /** ⌊id / divisor⌋ mod rows: a digit of the id, or with divisor 1 and rows = ids the id itself. */
  | { readonly kind: 'digit'; readonly divisor: number; readonly rows: number }
  /** The first `hot` ids have a row of their own, the others share the `cold` rows after those by id mod cold. */
  | { readonly kind: 'split'; readonly hot: number; readonly cold: number }
  /** (hash4(seed, field, id, part) + within) mod rows. */
  | {
      readonly kind: 'hash';
      readonly seed: number;
      readonly part: number;
      readonly within: number;
      readonly rows: number;
    }
  /**
   * hash4(seed, dimension, word, K) mod rows, where word strings the K picked bytes of the id's
   * signature together: bytes 0 … 7 of signatures[firstRow + id], u32[2], low word first.
   */
  | {
      readonly kind: 'signature';
      readonly seed: number;
      readonly firstRow: number;
      readonly dimension: number;
      readonly picks: readonly number[]; // [K], K ≤ 4
      readonly rows: number;
    };

/**
 * One read of one table row for every example. A field takes one lookup, or several under a
 * compositional method. A program has one list of them; each EmbeddingLayout holds some.
 */
export interface Lookup {
  readonly field: number;
  readonly address: Address;
  /**
   * Lookups of the same space read the same rows, so that their gradients meet in one segment of
   * the row index. Spaces are numbered 0, 1, … in lookup order and their lookups are consecutive.
   */
  readonly space: number;
}

/** The lookups that make the vector of one field: `lookups` of them from `lookup`, side by side in `gathered`. */
export interface FieldSlots {
  readonly field: number;
  readonly lookup: number;
  readonly lookups: number;
}

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

/** Rows that an address can give: 0 … rowsOf − 1. */
export function rowsOf(address: Address): number {
  return address.kind === 'split' ? address.hot + address.cold : address.rows;
}

/**
 * The row of an id of the lookup's field; shaders/embedding_locate.wgsl computes the same bits.
 * `signatures` u32[rows, 2], for addresses that read them.
 */
export function locate(
  { field, address }: Pick<Lookup, 'field' | 'address'>,
  id: number,
  signatures?: Uint32Array,
): number {
  switch (address.kind) {
    case 'digit':
      return Math.floor(id / address.divisor) % address.rows;
    case 'split':
      return id < address.hot ? id : address.hot + ((id - address.hot) % address.cold);
    case 'hash': {
      const { seed, part, within, rows } = address;
      return ((hash4(seed, field, id, part) % rows) + within) % rows;
    }
    case 'signature': {
      if (!signatures) throw new Error('a lookup by signature needs the signatures');
      const { seed, firstRow, dimension, picks, rows } = address;
      let word = 0;
      for (const byte of picks)
        word = (word << 8) | ((signatures[2 * (firstRow + id) + (byte >>> 2)] >>> (8 * (byte & 3))) & 255);
      return hash4(seed, dimension, word, picks.length) % rows;
    }
  }
}

/** A lookup a field, each id its own row: what needs no locating. */
export function ownRows(cardinalities: readonly number[]): readonly Lookup[] {
  return cardinalities.map((rows, field) => ({
    field,
    space: field,
    address: { kind: 'digit', divisor: 1, rows },
  }));
}

/** Whether lookup j is field j's own row for every id, so that rows are ids. */
export function areOwnRows(lookups: readonly Lookup[], cardinalities: readonly number[]): boolean {
  return (
    lookups.length === cardinalities.length &&
    lookups.every(
      ({ field, address }, i) =>
        field === i && address.kind === 'digit' && address.divisor === 1 && address.rows >= cardinalities[i],
    )
  );
}

/** rows[b, s] of the first `count` examples of ids u32[B, fields]. */
export function locateAll(
  lookups: readonly Lookup[],
  ids: Uint32Array,
  fields: number,
  count: number,
  rows: Uint32Array,
  signatures?: Uint32Array,
): void {
  const width = lookups.length;
  for (let s = 0; s < width; s++) {
    const lookup = lookups[s];
    for (let b = 0; b < count; b++)
      rows[b * width + s] = locate(lookup, ids[b * fields + lookup.field], signatures);
  }
}
