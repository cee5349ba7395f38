import type { ProgramBuilder } from '../program/builder.ts';
import type { BlockLayout, EmbeddingLayout, LookupLayout, FieldSlots } from '../program/lookup.ts';
import type { Tensor } from '../program/tensor.ts';

const NO_PROJECTION = 0xffffffff;

/** A block that has no place yet. */
export interface BlockToPlace {
  readonly lookup: number;
  readonly firstId: number;
  readonly rows: number;
  readonly dim: number;
  /** Whether a matrix [dim, D] widens its rows. */
  readonly projected: boolean;
  /** Whether it reads the table of the block before it instead of one of its own. */
  readonly isShared?: boolean;
}

/** Lays blocks end to end, which are given in the order of their lookups. Dims must be integers. */
export function layoutEmbedding(
  builder: ProgramBuilder,
  name: string,
  lookups: number,
  baseDim: number,
  toPlace: readonly BlockToPlace[],
): EmbeddingLayout {
  const blocks: BlockLayout[] = [];
  let tableOffset = 0;
  let projectionOffset = 0;
  let firstRow = 0;
  for (const { lookup, firstId, rows, dim, projected, isShared = false } of toPlace) {
    const place = isShared ? blocks.at(-1)! : { tableOffset, firstRow };
    blocks.push({
      lookup,
      firstId,
      rows,
      dim,
      tableOffset: place.tableOffset,
      firstRow: place.firstRow,
      projectionOffset: projected ? projectionOffset : -1,
    });
    if (!isShared) {
      tableOffset += rows * dim;
      firstRow += rows;
    }
    if (projected) projectionOffset += dim * baseDim;
  }
  const lookupLayouts = layoutLookups(blocks, lookups);
  const lookupWords = lookupLayouts.flatMap((f) => [f.firstBlock, f.blocks, f.slotOffset, f.slotWidth]);
  const blockWords = blocks.flatMap((b) => {
    const projection = b.projectionOffset < 0 ? NO_PROJECTION : b.projectionOffset;
    return [b.lookup, b.firstId, b.rows, b.dim, b.tableOffset, projection, b.firstRow, 0];
  });
  const constant = (suffix: string, width: number, words: number[]): Tensor =>
    builder.tensor(`${name}.${suffix}`, 'constant', [words.length / width, width], {
      type: 'u32',
      layer: name,
      initial: { kind: 'values', values: new Uint32Array(words) },
    });
  const last = lookupLayouts.at(-1);
  return {
    lookups: lookupLayouts,
    blocks,
    width: last ? last.slotOffset + last.slotWidth : 0,
    baseDim,
    rows: firstRow,
    tableElements: tableOffset,
    projectionElements: projectionOffset,
    lookupTable: constant('lookups', 4, lookupWords),
    blockTable: constant('blocks', 8, blockWords),
  };
}

function layoutLookups(blocks: readonly BlockLayout[], count: number): readonly LookupLayout[] {
  const layouts: LookupLayout[] = [];
  let slotOffset = 0;
  let firstBlock = 0;
  for (let lookup = 0; lookup < count; lookup++) {
    let end = firstBlock;
    let slotWidth = 0;
    while (end < blocks.length && blocks[end].lookup === lookup)
      slotWidth = Math.max(slotWidth, blocks[end++].dim);
    layouts.push({ firstBlock, blocks: end - firstBlock, slotOffset, slotWidth });
    slotOffset += slotWidth;
    firstBlock = end;
  }
  return layouts;
}

/** Whether the slots hold the vectors of all fields, side by side and in order. */
export function isInOrder(
  slots: readonly FieldSlots[],
  { lookups, width, baseDim }: EmbeddingLayout,
): boolean {
  return (
    slots.length * baseDim === width &&
    slots.every(({ field, lookup }, i) => field === i && lookups[lookup].slotOffset === i * baseDim)
  );
}
