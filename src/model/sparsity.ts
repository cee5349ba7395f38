import type { FlatTensors, ProgramBuilder } from '../program/builder.ts';
import type { EmbeddingLayout } from '../program/lookup.ts';
import { PRUNE_BINS } from '../program/operand.ts';
import type { Tensor } from '../program/tensor.ts';
import type { DenseParameters } from './dense.ts';
import type { Placement } from './placeFields.ts';
import type { ThresholdRule } from './spec.ts';

const layer = 'embedding';
const NAME = 'embedding.thresholds';

/** The thresholds of the fields that learn one. */
export interface LearntThresholds extends ThresholdRule {
  readonly thresholds: Tensor;
  readonly dThresholds: Tensor;
}

/** A view of the tables of sparse fields, which lie side by side; undefined: no field is sparse. */
export function sparsePart(
  builder: ProgramBuilder,
  { tables: placed }: Placement,
  { blocks }: EmbeddingLayout,
  tables: Tensor,
): Tensor | undefined {
  const sparse = blocks.filter((_, index) => placed[index].isSparse);
  if (sparse.length === 0) return undefined;
  const elements = sparse.reduce((sum, { rows, dim }) => sum + rows * dim, 0);
  return builder.view('embedding.sparse', tables, sparse[0].tableOffset, [elements]);
}

export function declareThresholds(
  dense: FlatTensors,
  { thresholded }: Placement,
  rule: ThresholdRule | undefined,
): void {
  if (thresholded.length === 0) return;
  if (!rule) throw new Error('fields learn thresholds, and nothing says how');
  const { start, rate } = rule;
  const values = new Float32Array(thresholded.length).fill(start / rate);
  dense.add(NAME, [thresholded.length], layer, { kind: 'values', values });
}

/**
 * Appends the ops that make tables sparse between steps: first those that make learnt thresholds final, then one that prunes by
 * size.
 */
export function appendPruning(
  builder: ProgramBuilder,
  { thresholded }: Placement,
  { lookups, blocks }: EmbeddingLayout,
  values: Tensor,
  learnt: LearntThresholds | undefined,
): void {
  const words = (name: string, elements: number): Tensor =>
    builder.tensor(`embedding.prune.${name}`, 'activation', [elements], { type: 'u32', layer });
  if (learnt) {
    const { thresholds, rate } = learnt;
    const ranges = thresholded.map(({ lookup }) => {
      const { rows, dim, tableOffset } = blocks[lookups[lookup].firstBlock];
      return { offset: tableOffset, elements: rows * dim };
    });
    const nonZeros = words('nonZeros', 1);
    builder.op(
      { kind: 'freeze-thresholds', thresholds, rate, tables: values.base!, ranges, nonZeros },
      'prune',
    );
  }
  const [histogram, selection] = [words('histogram', PRUNE_BINS), words('selection', 2)];
  builder.op({ kind: 'prune', values, histogram, selection }, 'prune');
}

export function bindThresholds(
  { thresholded }: Placement,
  rule: ThresholdRule | undefined,
  dense: DenseParameters | undefined,
): LearntThresholds | undefined {
  if (!rule || thresholded.length === 0) return undefined;
  const { parameters, gradients } = dense!;
  return { ...rule, thresholds: parameters.get(NAME)!, dThresholds: gradients.get(NAME)! };
}

/** Appends the op that fills the vectors of fields with thresholds. */
export function thresholdForward(
  builder: ProgramBuilder,
  { thresholded: parts }: Placement,
  layout: EmbeddingLayout,
  { thresholds, rate }: LearntThresholds,
  gathered: Tensor,
  vectors: Tensor,
): void {
  builder.op(
    { kind: 'soft-threshold', layout, parts, gathered, vectors, thresholds, rate },
    'train',
    'evaluate',
  );
}

/** Appends the op that fills the slots of the same fields in dGathered and computes the gradients of thresholds. */
export function thresholdBackward(
  builder: ProgramBuilder,
  { thresholded: parts }: Placement,
  layout: EmbeddingLayout,
  { thresholds, dThresholds, rate, decay }: LearntThresholds,
  { gathered, dVectors, dGathered }: Readonly<Record<'gathered' | 'dVectors' | 'dGathered', Tensor>>,
): void {
  const learnt = { thresholds, dThresholds, rate, decay };
  builder.op(
    { kind: 'soft-threshold-backward', layout, parts, gathered, dVectors, dGathered, ...learnt },
    'train',
  );
}
