import type { ProgramBuilder } from '../program/builder.ts';
import { recordWords, type Tensor } from '../program/tensor.ts';
import type { EmbeddingLayout } from '../program/lookup.ts';
import type { BatchData, Optimizer } from '../program/operand.ts';
import { layoutEmbedding } from './layoutEmbedding.ts';
import { optimizerState } from './dense.ts';
import type { CodedToPlace } from './placeFields.ts';

const layer = 'embedding';

/** The tables whose codes have one width. They have a tensor and a layout of their own. */
export interface CodedTables extends CodedToPlace {
  readonly name: string;
  readonly layout: EmbeddingLayout;
  readonly records: Tensor;
}

export function declareCoded(
  builder: ProgramBuilder,
  coded: CodedToPlace,
  lookups: number,
  baseDim: number,
): CodedTables {
  const { bits, tables } = coded;
  const name = `embedding.int${bits}`;
  const layout = layoutEmbedding(builder, name, lookups, baseDim, tables);
  const words = recordWords(baseDim, bits);
  const shape = [layout.rows, words];
  const records = builder.tensor(`${name}.records`, 'parameter', shape, { type: 'u32', layer });
  layout.blocks.forEach(({ rows, firstRow }, index) => {
    const { initial } = tables[index];
    builder.view(`${name}.table.${index}`, records, firstRow * words, [rows, words], { initial });
  });
  return { ...coded, name, layout, records };
}

/** Appends the op that looks rows up. Returns them, the vectors of their fields: [B, width]. */
export function codedForward(
  builder: ProgramBuilder,
  data: BatchData,
  { name, bits, layout, records }: CodedTables,
  batch: number,
): Tensor {
  const gathered = builder.tensor(`${name}.gathered`, 'activation', [batch, layout.width], { layer });
  builder.op({ kind: 'gather-codes', data, layout, bits, records, gathered }, 'train', 'evaluate');
  return gathered;
}

/** Appends the update of the rows. Their vectors are some or all of `vectors`. */
export function codedBackward(
  builder: ProgramBuilder,
  data: BatchData,
  { name, bits, parts, layout, records }: CodedTables,
  vectors: Tensor,
  dVectors: Tensor,
  optimizer: Optimizer,
  seed: number,
): void {
  const shape = [dVectors.shape[0], layout.width];
  const dGathered = vectors.base
    ? builder.view(`${name}.dGathered`, dVectors, 0, shape)
    : builder.tensor(`${name}.dGathered`, 'gradient', shape, { layer });
  if (!vectors.base) {
    const projections = undefined;
    builder.op(
      { kind: 'project-backward-input', data, layout, parts, dVectors, projections, dGathered },
      'train',
    );
  }
  const state = optimizerState(optimizer).map((suffix) => {
    const elements = suffix === 'sum' ? layout.rows : layout.tableElements;
    return builder.tensor(`${name}.${suffix}`, 'optimizer-state', [elements], { layer });
  });
  builder.op(
    { kind: 'update-codes', optimizer, data, layout, bits, seed, records, dGathered, state },
    'train',
  );
}
