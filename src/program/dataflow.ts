import type { Op, OpKind, OpOf } from './op.ts';
import type { Tensor } from './tensor.ts';

/**
 * The tensors that an op fills whatever they held: every element, or, where several ops fill one
 * tensor before anybody reads it, its share of them. An op reads all others that it names; what it
 * changes in place counts as read.
 */
const overwritten: { readonly [K in OpKind]: (op: OpOf<K>) => readonly (Tensor | undefined)[] } = {
  'read-numbers': ({ out }) => [out],
  linear: ({ y }) => [y],
  'linear-backward-input': ({ dx }) => [dx],
  'linear-backward-weight': ({ dWeight, dBias }) => [dWeight, dBias],
  'measure-deviations': () => [],
  quantise: ({ quantised }) => [quantised.codes],
  locate: ({ data }) => [data.rows],
  gather: ({ gathered }) => [gathered],
  project: ({ vectors }) => [vectors],
  'project-backward-input': ({ dGathered }) => [dGathered],
  'project-backward-weight': ({ dProjections }) => [dProjections],
  combine: ({ vectors }) => [vectors],
  'combine-backward': ({ dGathered }) => [dGathered],
  'tensor-train': ({ vectors }) => [vectors],
  'tensor-train-backward': ({ dGathered }) => [dGathered],
  path: ({ hidden, vectors }) => [hidden, vectors],
  'path-backward': ({ dHidden, dGathered }) => [dHidden, dGathered],
  'hash-encode': ({ out }) => [out],
  'put-fields': ({ vectors }) => [vectors],
  'take-fields': ({ taken }) => [taken],
  interact: ({ out }) => [out],
  'interact-backward': ({ dBottom, dVectors }) => [dBottom, dVectors],
  score: ({ out }) => [out],
  'score-backward': ({ dDots, dBiases }) => [dDots, dBiases],
  loss: ({ dPrediction, exampleLoss }) => [dPrediction, exampleLoss],
  'l2-penalty': () => [],
  'record-loss': () => [],
  'accumulate-metrics': () => [],
  'refine-basis': ({ bias }) => [bias?.adds === false ? bias.total : undefined],
  'measure-gradient': () => [],
  'dense-update': () => [],
  'factored-update': () => [],
  'embedding-update': () => [],
  prune: () => [],
  'soft-threshold': ({ vectors }) => [vectors],
  'soft-threshold-backward': ({ dGathered, dThresholds }) => [dGathered, dThresholds],
  'freeze-thresholds': () => [],
  'gather-codes': ({ gathered }) => [gathered],
  'update-codes': () => [],
  'count-sketch': ({ sketch, weighted }) => [sketch, weighted?.sketch],
  srht: ({ sketch, weighted }) => [sketch, weighted?.sketch],
  'row-norms': ({ norms }) => [norms],
};

export interface Dataflow {
  readonly reads: readonly Tensor[];
  readonly overwrites: readonly Tensor[];
}

export function dataflowOf(op: Op): Dataflow {
  const of = overwritten[op.kind] as (op: Op) => readonly (Tensor | undefined)[];
  const overwrites = of(op).filter((tensor) => tensor !== undefined);
  return { reads: tensorsOf(op).filter((tensor) => !overwrites.includes(tensor)), overwrites };
}

/** Of operands that have been looked through: they never change, and the data and layouts are those of many ops. */
const known = new WeakMap<object, readonly Tensor[]>();

/** Every tensor that an op names, in lists, data and layouts too. */
export function tensorsOf(op: Op): readonly Tensor[] {
  return [...new Set(Object.values(op).flatMap(tensorsIn))];
}

function tensorsIn(operand: unknown): readonly Tensor[] {
  if (typeof operand !== 'object' || operand === null) return [];
  if (isTensor(operand)) return [operand];
  const before = known.get(operand);
  if (before) return before;
  const found = new Set<Tensor>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if (isTensor(value)) found.add(value);
    else Object.values(value).forEach(visit);
  };
  visit(operand);
  known.set(operand, [...found]);
  return [...found];
}

function isTensor(value: object): value is Tensor {
  return 'shape' in value && 'role' in value;
}
