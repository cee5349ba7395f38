import type { Allocation, Block } from '../compression/allocation.ts';
import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { BlockLayout, EmbeddingLayout, FieldLayout } from '../program/layout.ts';
import type { BatchData, Optimizer } from '../program/op.ts';
import type { Initial, Tensor } from '../program/tensor.ts';
import type { TableInit } from '../settings/settings.ts';

const NO_PROJECTION = 0xffffffff;

/** The part of an allocation that decides a layout. */
interface AllocatedBlocks {
  readonly baseDim: number;
  readonly blocks: readonly Pick<Block, 'field' | 'firstId' | 'rows' | 'dim'>[];
}

/** Lays the blocks of an allocation end to end. Dims must be integers. */
export function layoutEmbedding(
  builder: ProgramBuilder,
  name: string,
  fields: number,
  { blocks: allocated, baseDim }: AllocatedBlocks,
): EmbeddingLayout {
  const blocks: BlockLayout[] = [];
  let tableOffset = 0;
  let projectionOffset = 0;
  let firstRow = 0;
  for (const { field, firstId, rows, dim } of allocated) {
    const projected = dim < baseDim;
    blocks.push({
      field,
      firstId,
      rows,
      dim,
      tableOffset,
      firstRow,
      projectionOffset: projected ? projectionOffset : -1,
    });
    tableOffset += rows * dim;
    firstRow += rows;
    if (projected) projectionOffset += dim * baseDim;
  }
  const fieldLayouts: FieldLayout[] = [];
  let slotOffset = 0;
  for (let field = 0; field < fields; field++) {
    const firstBlock = blocks.findIndex((block) => block.field === field);
    const own = blocks.filter((block) => block.field === field);
    const slotWidth = Math.max(...own.map((block) => block.dim));
    fieldLayouts.push({ firstBlock, blocks: own.length, slotOffset, slotWidth });
    slotOffset += slotWidth;
  }
  const fieldWords = fieldLayouts.flatMap((f) => [f.firstBlock, f.blocks, f.slotOffset, f.slotWidth]);
  const blockWords = blocks.flatMap((b) => {
    const projection = b.projectionOffset < 0 ? NO_PROJECTION : b.projectionOffset;
    return [b.field, b.firstId, b.rows, b.dim, b.tableOffset, projection, b.firstRow, 0];
  });
  const constant = (part: string, width: number, words: number[]): Tensor =>
    builder.tensor(`${name}.${part}`, 'constant', [words.length / width, width], {
      type: 'u32',
      layer: name,
      initial: { kind: 'values', values: new Uint32Array(words) },
    });
  return {
    fields: fieldLayouts,
    blocks,
    width: slotOffset,
    baseDim,
    rows: firstRow,
    tableElements: tableOffset,
    projectionElements: projectionOffset,
    fieldTable: constant('fields', 4, fieldWords),
    blockTable: constant('blocks', 8, blockWords),
  };
}

/** Start of a block’s table: Xavier as Ginart et al. 2019, §5; U(±√(1/rows)) as DLRM’s code. */
function tableInitial(init: TableInit, block: BlockLayout, baseDim: number): Initial {
  switch (init) {
    case 'xavier':
      return { kind: 'uniform', bound: Math.sqrt(6 / (block.rows + block.dim)) };
    case 'dlrm':
      return { kind: 'uniform', bound: Math.sqrt(1 / block.rows) };
    case 'identity':
      return { kind: 'normal', deviation: 0.1 * baseDim ** -0.25 };
  }
}

function projectionInitial(init: TableInit, dim: number, baseDim: number): Initial {
  if (init === 'identity') return { kind: 'identity' };
  return { kind: 'uniform', bound: Math.sqrt(6 / (dim + baseDim)) };
}

export interface Embedding {
  readonly layout: EmbeddingLayout;
  readonly tables: Tensor;
  /** The dense part where the projections begin; they follow one another in block order. */
  readonly firstProjection: string | undefined;
}

/**
 * Declares the tables (a flat tensor of their own, updated sparsely) and adds the projections to
 * the dense parameters.
 */
export function declareEmbedding(
  builder: ProgramBuilder,
  dense: FlatTensors,
  allocation: Allocation,
  fields: number,
  init: TableInit,
): Embedding {
  const layout = layoutEmbedding(builder, 'embedding', fields, allocation);
  const { baseDim } = layout;
  const tables = builder.tensor('embedding.tables', 'parameter', [layout.tableElements], {
    layer: 'embedding',
  });
  let firstProjection: string | undefined;
  for (const [index, block] of layout.blocks.entries()) {
    const { rows, dim, tableOffset, projectionOffset } = block;
    const initial = tableInitial(init, block, baseDim);
    builder.view(`embedding.table.${index}`, tables, tableOffset, [rows, dim], { initial });
    if (projectionOffset < 0) continue;
    const name = `embedding.projection.${index}`;
    dense.add(name, [dim, baseDim], 'embedding', projectionInitial(init, dim, baseDim));
    firstProjection ??= name;
  }
  return { layout, tables, firstProjection };
}

/** All projections as one tensor: the kernels find a block's by its offset in it. */
export function projectionSpan(
  builder: ProgramBuilder,
  name: string,
  { layout, firstProjection }: Embedding,
  parts: ReadonlyMap<string, Tensor>,
): Tensor | undefined {
  if (firstProjection === undefined) return undefined;
  const first = parts.get(firstProjection)!;
  return builder.view(name, first.base!, first.offset, [layout.projectionElements], { layer: 'embedding' });
}

export interface EmbeddingForward {
  readonly stored: Tensor;
  readonly vectors: Tensor;
}

/** ids → vectors [B, F, D]. Where every dim is D the stored rows are the vectors. */
export function embeddingForward(
  builder: ProgramBuilder,
  data: BatchData,
  { layout, tables }: Embedding,
  batch: number,
  projections: Tensor | undefined,
): EmbeddingForward {
  const fields = layout.fields.length;
  const stored = builder.tensor('embedding.stored', 'activation', [batch, layout.width], {
    layer: 'embedding',
  });
  builder.op({ kind: 'gather', data, layout, tables, stored }, 'train', 'evaluate');
  const shape = [batch, fields, layout.baseDim];
  if (!projections) return { stored, vectors: builder.view('embedding.vectors', stored, 0, shape) };
  const vectors = builder.tensor('embedding.vectors', 'activation', shape, { layer: 'embedding' });
  builder.op({ kind: 'project', data, layout, stored, projections, vectors }, 'train', 'evaluate');
  return { stored, vectors };
}

/** dVectors → dStored, and dProjections into the dense gradients. */
export function embeddingBackward(
  builder: ProgramBuilder,
  data: BatchData,
  layout: EmbeddingLayout,
  { stored }: EmbeddingForward,
  dVectors: Tensor,
  projections: Tensor | undefined,
  dProjections: Tensor | undefined,
): Tensor {
  if (!projections || !dProjections) return builder.view('embedding.dStored', dVectors, 0, stored.shape);
  const dStored = builder.tensor('embedding.dStored', 'gradient', stored.shape, { layer: 'embedding' });
  builder.op({ kind: 'project-backward-input', data, layout, dVectors, projections, dStored }, 'train');
  builder.op({ kind: 'project-backward-weight', data, layout, stored, dVectors, dProjections }, 'train');
  return dStored;
}

/** Appends the sparse update of `tables`, with the optimiser state it needs. */
export function embeddingUpdate(
  builder: ProgramBuilder,
  data: BatchData,
  layout: EmbeddingLayout,
  tables: Tensor,
  dStored: Tensor,
  optimizer: Optimizer,
): void {
  const state = optimizerState(optimizer).map((part) => {
    const elements = part === 'sum' ? layout.rows : layout.tableElements;
    return builder.tensor(`${tables.name}.${part}`, 'optimizer-state', [elements], { layer: tables.layer });
  });
  builder.op({ kind: 'embedding-update', optimizer, data, layout, tables, dStored, state }, 'train');
}

/** Names of the tensors an optimiser keeps. */
export function optimizerState(optimizer: Optimizer): readonly string[] {
  switch (optimizer.kind) {
    case 'sgd':
      return [];
    case 'adagrad':
      return ['sum'];
    case 'adam':
      return optimizer.amsgrad ? ['m', 'v', 'vMax'] : ['m', 'v'];
  }
}
