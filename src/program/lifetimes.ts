import { dataflowOf } from './dataflow.ts';
import type { Op } from './op.ts';
import type { Program, Section } from './program.ts';
import { elementCount, type Role, storageOf, type Tensor } from './tensor.ts';

/** Indices of the ops of a section between which, both included, a tensor's contents matter. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** In the sections that name the tensor. */
export type Lifetime = Readonly<Partial<Record<Section, Interval>>>;

const roles: ReadonlySet<Role> = new Set<Role>(['activation', 'gradient']);

/**
 * The tensors whose contents last from an op to a later one of the same section and matter to
 * nobody else: activations and gradients, each element written before it is read. Left out are what
 * no op reads, which someone outside must want, and the prediction. Only tensors that own memory.
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
