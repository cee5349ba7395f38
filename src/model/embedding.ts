import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { EmbeddingLayout } from '../program/layout.ts';
import { type BatchData, type Optimizer, type Part, PRUNE_BINS } from '../program/op.ts';
import type { Tensor } from '../program/tensor.ts';
import type { TableInit } from '../settings/settings.ts';
import { type ComputedVectors, computeVectors, computeVectorsBackward } from './computedVectors.ts';
import { layoutEmbedding } from './layoutEmbedding.ts';
import type { Placement } from './placeFields.ts';
import { projectionInitial } from './tableInitial.ts';

export interface Embedding {
  readonly placement: Placement;
  readonly layout: EmbeddingLayout;
  readonly tables: Tensor;
  /** The dense part where the projections begin; they follow one another in block order. */
  readonly firstProjection: string | undefined;
  /** The part of `tables` that is pruned. */
  readonly sparse: Tensor | undefined;
}

/**
 * Declares the tables (a flat tensor of their own, updated sparsely) and adds the projections to
 * the dense parameters.
 */
export function declareEmbedding(
  builder: ProgramBuilder,
  dense: FlatTensors,
  placement: Placement,
  baseDim: number,
  init: TableInit,
): Embedding {
  const { lookups, tables: toPlace } = placement;
  const layout = layoutEmbedding(builder, 'embedding', lookups.length, baseDim, toPlace);
  const tables = builder.tensor('embedding.tables', 'parameter', [layout.tableElements], {
    layer: 'embedding',
  });
  let firstProjection: string | undefined;
  for (const [index, { rows, dim, tableOffset, projectionOffset }] of layout.blocks.entries()) {
    const { initial, isShared } = toPlace[index];
    if (isShared) continue;
    builder.view(`embedding.table.${index}`, tables, tableOffset, [rows, dim], { initial });
    if (projectionOffset < 0) continue;
    const name = `embedding.projection.${index}`;
    dense.add(name, [dim, baseDim], 'embedding', projectionInitial(init, dim, baseDim));
    firstProjection ??= name;
  }
  const sparse = declareSparse(builder, placement, layout, tables);
  return { placement, layout, tables, firstProjection, sparse };
}

/** The tables of sparse fields, which lie side by side, and what prunes them. */
function declareSparse(
  builder: ProgramBuilder,
  { tables: placed }: Placement,
  { blocks }: EmbeddingLayout,
  tables: Tensor,
): Tensor | undefined {
  const sparse = blocks.filter((_, index) => placed[index].isSparse);
  if (sparse.length === 0) return undefined;
  const [{ tableOffset }] = sparse;
  const elements = sparse.reduce((sum, { rows, dim }) => sum + rows * dim, 0);
  const values = builder.view('embedding.sparse', tables, tableOffset, [elements]);
  const words = { type: 'u32', layer: 'embedding' } as const;
  const histogram = builder.tensor('embedding.prune.histogram', 'activation', [PRUNE_BINS], words);
  const selection = builder.tensor('embedding.prune.selection', 'activation', [2], words);
  builder.op({ kind: 'prune', values, histogram, selection }, 'prune');
  return values;
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
  readonly computed: ComputedVectors | undefined;
}

/** ids → vectors [B, F, D]. Where nothing but copies is left to do, the stored rows are the vectors. */
export function embeddingForward(
  builder: ProgramBuilder,
  data: BatchData,
  { placement, layout, tables }: Embedding,
  batch: number,
  projections: Tensor | undefined,
): EmbeddingForward {
  const { copied, multiplied, added } = placement;
  const layer = 'embedding';
  if (data.rows !== data.ids) builder.op({ kind: 'locate', data }, 'train', 'evaluate');
  const stored = builder.tensor('embedding.stored', 'activation', [batch, layout.width], { layer });
  builder.op({ kind: 'gather', data, layout, tables, stored }, 'train', 'evaluate');
  const shape = [batch, fieldCount(placement), layout.baseDim];
  if (!projections && isInOrder(copied, layout))
    return { stored, vectors: builder.view('embedding.vectors', stored, 0, shape), computed: undefined };
  const vectors = builder.tensor('embedding.vectors', 'activation', shape, { layer });
  if (copied.length > 0)
    builder.op(
      { kind: 'project', data, layout, parts: copied, stored, projections, vectors },
      'train',
      'evaluate',
    );
  for (const [combine, parts] of [['multiply', multiplied] as const, ['add', added] as const])
    if (parts.length > 0)
      builder.op({ kind: 'combine', combine, layout, parts, stored, vectors }, 'train', 'evaluate');
  return { stored, vectors, computed: computeVectors(builder, placement, layout, stored, vectors) };
}

function fieldCount({ copied, multiplied, added, paths, trains }: Placement): number {
  return copied.length + multiplied.length + added.length + paths.length + trains.length;
}

/** Whether the slots of the parts are the vectors of all fields, side by side. */
function isInOrder(parts: readonly Part[], { lookups, width, baseDim }: EmbeddingLayout): boolean {
  return (
    parts.length * baseDim === width &&
    parts.every(({ field, lookup }, i) => field === i && lookups[lookup].slotOffset === i * baseDim)
  );
}

/** dVectors → dStored, and dProjections into the dense gradients. */
export function embeddingBackward(
  builder: ProgramBuilder,
  data: BatchData,
  { placement, layout }: Embedding,
  { stored, vectors, computed }: EmbeddingForward,
  dVectors: Tensor,
  projections: Tensor | undefined,
  dProjections: Tensor | undefined,
): Tensor {
  if (vectors.base) return builder.view('embedding.dStored', dVectors, 0, stored.shape);
  const { copied: parts, multiplied, added } = placement;
  const dStored = builder.tensor('embedding.dStored', 'gradient', stored.shape, { layer: 'embedding' });
  if (parts.length > 0)
    builder.op(
      { kind: 'project-backward-input', data, layout, parts, dVectors, projections, dStored },
      'train',
    );
  if (dProjections)
    builder.op(
      { kind: 'project-backward-weight', data, layout, parts, stored, dVectors, dProjections },
      'train',
    );
  for (const [combine, combined] of [['multiply', multiplied] as const, ['add', added] as const])
    if (combined.length > 0)
      builder.op(
        { kind: 'combine-backward', combine, layout, parts: combined, stored, dVectors, dStored },
        'train',
      );
  if (computed) computeVectorsBackward(builder, placement, layout, stored, computed, dVectors, dStored);
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
  keepZeros = false,
): void {
  const state = optimizerState(optimizer).map((part) => {
    const elements = part === 'sum' ? layout.rows : layout.tableElements;
    return builder.tensor(`${tables.name}.${part}`, 'optimizer-state', [elements], { layer: tables.layer });
  });
  builder.op(
    { kind: 'embedding-update', optimizer, data, layout, tables, dStored, state, keepZeros },
    'train',
  );
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
