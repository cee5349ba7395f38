import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { EmbeddingLayout } from '../program/lookup.ts';
import type { BatchData, Optimizer } from '../program/operand.ts';
import type { Tensor } from '../program/tensor.ts';
import type { TableInit } from '../settings/settings.ts';
import { codedBackward, codedForward, type CodedTables, declareCoded } from './coded.ts';
import { type ComputedVectors, computeVectors, computeVectorsBackward } from './computedVectors.ts';
import { declareDecoder, decoderBackward, decoderForward, type FieldDecoder } from './decoder.ts';
import type { DenseParameters } from './dense.ts';
import { isInOrder, layoutEmbedding } from './layoutEmbedding.ts';
import type { MlpForward } from './mlp.ts';
import { optimizerState } from './dense.ts';
import type { Placement } from './placeFields.ts';
import {
  appendPruning,
  bindThresholds,
  declareThresholds,
  type LearntThresholds,
  sparsePart,
  thresholdBackward,
  thresholdForward,
} from './sparsity.ts';
import { projectionInitial } from './tableInitial.ts';
import type { ThresholdRule } from './spec.ts';

export interface Embedding {
  readonly placement: Placement;
  readonly layout: EmbeddingLayout;
  /** undefined: nothing is looked up in tables of floats. */
  readonly tables: Tensor | undefined;
  /** The name of the first projection among the dense parameters. The others follow it in block order. */
  readonly firstProjection: string | undefined;
  /** The view of `tables` that is pruned. */
  readonly sparse: Tensor | undefined;
  readonly rule: ThresholdRule | undefined;
  /** Tables of codes, beside `tables`. */
  readonly coded: readonly CodedTables[];
  readonly decoder: FieldDecoder | undefined;
}

/** An embedding whose dense parameters are declared. */
export interface BoundEmbedding extends Embedding {
  readonly projections: Tensor | undefined;
  readonly dProjections: Tensor | undefined;
  readonly learnt: LearntThresholds | undefined;
  readonly dense: DenseParameters | undefined;
}

/**
 * Declares the tables, a flat tensor of which a step updates only the rows it reads, and adds projections, thresholds and decoder to
 * the dense parameters.
 */
export function declareEmbedding(
  builder: ProgramBuilder,
  dense: FlatTensors,
  placement: Placement,
  baseDim: number,
  init: TableInit,
  rule: ThresholdRule | undefined,
): Embedding {
  const { lookups, tables: toPlace } = placement;
  const layout = layoutEmbedding(builder, 'embedding', lookups.length, baseDim, toPlace);
  const layer = 'embedding';
  const { tableElements } = layout;
  const tables =
    tableElements > 0
      ? builder.tensor('embedding.tables', 'parameter', [tableElements], { layer })
      : undefined;
  let firstProjection: string | undefined;
  for (const [index, { rows, dim, tableOffset, projectionOffset }] of layout.blocks.entries()) {
    const { initial, isShared } = toPlace[index];
    if (isShared) continue;
    builder.view(`embedding.table.${index}`, tables!, tableOffset, [rows, dim], { initial });
    if (projectionOffset < 0) continue;
    const name = `embedding.projection.${index}`;
    dense.add(name, [dim, baseDim], layer, projectionInitial(init, dim, baseDim));
    firstProjection ??= name;
  }
  const sparse = tables && sparsePart(builder, placement, layout, tables);
  declareThresholds(dense, placement, rule);
  const coded = placement.coded.map((own) => declareCoded(builder, own, lookups.length, baseDim));
  const decoder = placement.decoder && declareDecoder(dense, placement.decoder, baseDim);
  return { placement, layout, tables, firstProjection, sparse, rule, coded, decoder };
}

export function bindEmbedding(
  builder: ProgramBuilder,
  embedding: Embedding,
  dense: DenseParameters | undefined,
): BoundEmbedding {
  const span = (name: string, views: ReadonlyMap<string, Tensor> | undefined) =>
    views && projectionSpan(builder, `embedding.${name}`, embedding, views);
  const { placement, layout, sparse, rule } = embedding;
  const learnt = bindThresholds(placement, rule, dense);
  if (sparse) appendPruning(builder, placement, layout, sparse, learnt);
  return {
    ...embedding,
    learnt,
    projections: span('projections', dense?.parameters),
    dProjections: span('dProjections', dense?.gradients),
    dense,
  };
}

/** All projections as one tensor. Kernels find a block's projection by its offset in it. */
function projectionSpan(
  builder: ProgramBuilder,
  name: string,
  { layout, firstProjection }: Embedding,
  views: ReadonlyMap<string, Tensor>,
): Tensor | undefined {
  if (firstProjection === undefined) return undefined;
  const first = views.get(firstProjection)!;
  return builder.view(name, first.base!, first.offset, [layout.projectionElements], { layer: 'embedding' });
}

export interface EmbeddingForward {
  /** undefined: nothing is looked up in tables of floats. */
  readonly gathered: Tensor | undefined;
  readonly vectors: Tensor;
  readonly computed: ComputedVectors | undefined;
  readonly decoded: MlpForward | undefined;
}

/**
 * Appends the ops from ids to vectors [B, F, D]. Where all that is left to do is to copy, there is no op: the vectors are a view of
 * what was gathered or decoded.
 */
export function embeddingForward(
  builder: ProgramBuilder,
  data: BatchData,
  embedding: BoundEmbedding,
  batch: number,
): EmbeddingForward {
  const { placement, layout, tables, projections, learnt, coded, decoder, dense } = embedding;
  const { copied } = placement;
  const layer = 'embedding';
  const fields = fieldCount(placement);
  const shape = [batch, fields, layout.baseDim];
  if (data.rows !== data.ids) builder.op({ kind: 'locate', data }, 'train', 'evaluate');
  const decoded = decoder && decoderForward(builder, data, decoder, dense!, batch);
  const rows = coded.map((own) => codedForward(builder, data, own, batch));
  const gathered =
    tables && builder.tensor('embedding.gathered', 'activation', [batch, layout.width], { layer });
  if (tables && gathered) builder.op({ kind: 'gather', data, layout, tables, gathered }, 'train', 'evaluate');
  const whole = decodedWhole() ?? storedWhole() ?? codedWhole();
  if (whole) {
    const vectors = builder.view('embedding.vectors', whole, 0, shape);
    return { gathered, vectors, computed: undefined, decoded };
  }
  const vectors = builder.tensor('embedding.vectors', 'activation', shape, { layer });
  if (decoder) {
    const taken = decoded!.activations.at(-1)!;
    builder.op({ kind: 'put-fields', fields: decoder.fields, taken, vectors }, 'train', 'evaluate');
  }
  coded.forEach(({ layout: own, parts }, i) =>
    builder.op(
      { kind: 'project', data, layout: own, parts, gathered: rows[i], projections: undefined, vectors },
      'train',
      'evaluate',
    ),
  );
  if (!gathered) return { gathered, vectors, computed: undefined, decoded };
  if (copied.length > 0)
    builder.op(
      { kind: 'project', data, layout, parts: copied, gathered, projections, vectors },
      'train',
      'evaluate',
    );
  for (const [combine, parts] of combined(placement))
    if (parts.length > 0)
      builder.op({ kind: 'combine', combine, layout, parts, gathered, vectors }, 'train', 'evaluate');
  if (learnt) thresholdForward(builder, placement, layout, learnt, gathered, vectors);
  const computed = computeVectors(builder, placement, layout, gathered, vectors);
  return { gathered, vectors, computed, decoded };

  function decodedWhole(): Tensor | undefined {
    return decoder?.fields.length === fields ? decoded!.activations.at(-1)! : undefined;
  }

  function storedWhole(): Tensor | undefined {
    return !projections && copied.length === fields && isInOrder(copied, layout) ? gathered : undefined;
  }

  function codedWhole(): Tensor | undefined {
    const [first] = coded;
    return first?.parts.length === fields && isInOrder(first.parts, first.layout) ? rows[0] : undefined;
  }
}

function combined({ multiplied, added }: Placement) {
  return [['multiply', multiplied] as const, ['add', added] as const];
}

function fieldCount({ decoder, coded, ...placement }: Placement): number {
  const { copied, multiplied, added, paths, trains, thresholded } = placement;
  const looked = [copied, multiplied, added, paths, trains, thresholded].flat().length;
  const codes = coded.flatMap(({ parts }) => parts).length;
  return looked + codes + (decoder?.fields.length ?? 0);
}

/** Appends the ops from dVectors to the update of the tables and to the gradients of projections, thresholds and decoder. */
export function embeddingBackward(
  builder: ProgramBuilder,
  data: BatchData,
  embedding: BoundEmbedding,
  forward: EmbeddingForward,
  dVectors: Tensor,
  optimizer: Optimizer,
  seed: number,
): void {
  const { layout, tables, sparse, coded, decoder, dense } = embedding;
  for (const own of coded) codedBackward(builder, data, own, forward.vectors, dVectors, optimizer, seed);
  if (decoder) decoderBackward(builder, decoder, forward.decoded!, dense!, dVectors);
  const { gathered } = forward;
  if (!tables || !gathered) return;
  const dGathered = storedBackward(builder, data, embedding, { ...forward, gathered }, dVectors);
  embeddingUpdate(builder, data, layout, tables, dGathered, optimizer, sparse !== undefined);
}

function storedBackward(
  builder: ProgramBuilder,
  data: BatchData,
  { placement, layout, projections, dProjections, learnt }: BoundEmbedding,
  { gathered, vectors, computed }: EmbeddingForward & { readonly gathered: Tensor },
  dVectors: Tensor,
): Tensor {
  if (vectors.base) return builder.view('embedding.dGathered', dVectors, 0, gathered.shape);
  const { copied: parts } = placement;
  const dGathered = builder.tensor('embedding.dGathered', 'gradient', gathered.shape, { layer: 'embedding' });
  if (parts.length > 0)
    builder.op(
      { kind: 'project-backward-input', data, layout, parts, dVectors, projections, dGathered },
      'train',
    );
  if (dProjections)
    builder.op(
      { kind: 'project-backward-weight', data, layout, parts, gathered, dVectors, dProjections },
      'train',
    );
  for (const [combine, own] of combined(placement))
    if (own.length > 0)
      builder.op(
        { kind: 'combine-backward', combine, layout, parts: own, gathered, dVectors, dGathered },
        'train',
      );
  if (learnt) thresholdBackward(builder, placement, layout, learnt, { gathered, dVectors, dGathered });
  if (computed) computeVectorsBackward(builder, placement, layout, gathered, computed, dVectors, dGathered);
  return dGathered;
}

/** Appends the update of the rows of `tables` that a step has read, with its optimiser state. */
export function embeddingUpdate(
  builder: ProgramBuilder,
  data: BatchData,
  layout: EmbeddingLayout,
  tables: Tensor,
  dGathered: Tensor,
  optimizer: Optimizer,
  keepZeros = false,
): void {
  const state = optimizerState(optimizer).map((suffix) => {
    const elements = suffix === 'sum' ? layout.rows : layout.tableElements;
    return builder.tensor(`${tables.name}.${suffix}`, 'optimizer-state', [elements], { layer: tables.layer });
  });
  builder.op(
    { kind: 'embedding-update', optimizer, data, layout, tables, dGathered, state, keepZeros },
    'train',
  );
}
