import type { Op, OpKind, OpOf } from './op.ts';
import type { Program, Section } from './program.ts';
import { elementCount, type Role, storageOf, type Tensor } from './tensor.ts';

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
  rescale: ({ out }) => [out],
  loss: ({ dPrediction, exampleLoss }) => [dPrediction, exampleLoss],
  'pairwise-loss': ({ dPrediction, exampleLoss }) => [dPrediction, exampleLoss],
  'l2-penalty': () => [],
  'record-loss': () => [],
  'record-predictions': () => [],
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

/** Tensors found in an operand, which never changes: many ops share the data and the layouts. */
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

/** Indices of the ops of a section between which, both included, a tensor's contents matter. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A tensor's interval in each section that names it. */
export type Lifetime = Readonly<Partial<Record<Section, Interval>>>;

const roles: ReadonlySet<Role> = new Set<Role>(['activation', 'gradient']);

/**
 * The tensors whose contents matter only within a section: activations and gradients of which every element is
 * written before it is read. Left out are the prediction and what no op reads, since somebody outside must read them,
 * and views.
 */
export function lifetimesOf(program: Program): ReadonlyMap<Tensor, Lifetime> {
  const uses = {
    train: usesIn(program.sections.train),
    evaluate: usesIn(program.sections.evaluate),
  };
  const lifetimes = new Map<Tensor, Lifetime>();
  const prediction = storageOf(program.prediction);
  for (const tensor of program.tensors) {
    if (tensor.base || !roles.has(tensor.role) || tensor === prediction) continue;
    const all = [uses.train.get(tensor), uses.evaluate.get(tensor)].filter((use) => use !== undefined);
    if (!all.some((use) => use.isRead) || all.some((use) => use.comesFromBefore)) continue;
    lifetimes.set(tensor, {
      train: intervalOf(uses.train.get(tensor)),
      evaluate: intervalOf(uses.evaluate.get(tensor)),
    });
  }
  return lifetimes;
}

interface Use {
  readonly first: number;
  last: number;
  isRead: boolean;
  /** Elements are read that no op of the section has written. */
  comesFromBefore: boolean;
  /** Element ranges written so far. */
  readonly written: (readonly [from: number, end: number])[];
}

function usesIn(ops: readonly Op[]): ReadonlyMap<Tensor, Use> {
  const uses = new Map<Tensor, Use>();
  ops.forEach((op, index) => {
    const useOf = (tensor: Tensor): Use => {
      const storage = storageOf(tensor);
      const use = uses.get(storage) ?? {
        first: index,
        last: index,
        isRead: false,
        comesFromBefore: false,
        written: [],
      };
      uses.set(storage, use);
      use.last = index;
      return use;
    };
    const { reads, overwrites } = dataflowOf(op);
    for (const tensor of reads) {
      const use = useOf(tensor);
      use.isRead = true;
      use.comesFromBefore ||= !covers(use.written, rangeOf(tensor));
    }
    for (const tensor of overwrites) useOf(tensor).written.push(rangeOf(tensor));
  });
  return uses;
}

function intervalOf(use: Use | undefined): Interval | undefined {
  return use && { first: use.first, last: use.last };
}

function rangeOf(tensor: Tensor): readonly [from: number, end: number] {
  return [tensor.offset, tensor.offset + elementCount(tensor)];
}

function covers(
  ranges: readonly (readonly [from: number, end: number])[],
  [from, end]: readonly [from: number, end: number],
): boolean {
  let covered = from;
  for (const [start, stop] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start > covered) break;
    covered = Math.max(covered, stop);
  }
  return covered >= end;
}
