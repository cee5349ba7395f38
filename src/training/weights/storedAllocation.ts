import * as v from 'valibot';
import type { Allocation, FieldStorage } from '../../compression/allocation.ts';
import type { Combine } from '../../settings/settings.ts';
import { excerpt } from '../../validation/excerpt.ts';
import { count, finite, oneOf } from '../../validation/shape.ts';
import type { AllocationSummary } from '../events/events.ts';

/** The part of an allocation that its summary leaves out: what every field stores, and how. */
export type AllocationStorage = Pick<Allocation, 'blocks' | 'fields' | 'sharedElements' | 'decoder'>;

export function storageOf({ blocks, fields, sharedElements, decoder }: Allocation): AllocationStorage {
  return { blocks, fields, sharedElements, ...(decoder && { decoder }) };
}

export function allocationOf(summary: AllocationSummary, storage: AllocationStorage): Allocation {
  const { dims: _, ...totals } = summary;
  return { ...totals, ...storage };
}

/** Lookups, layers and hashes are made one by one: no file makes more of them than any model has. */
const atMost = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const whole = atMost(Number.MAX_SAFE_INTEGER);
const partition = v.object({ divisor: whole, rows: whole, dim: whole });
const bits = v.picklist([8, 4]);

const fieldShape = v.variant('kind', [
  v.object({ kind: v.literal('blocks') }),
  v.object({
    kind: v.literal('partitions'),
    combine: oneOf<Combine>({ multiply: 0, add: 0, concatenate: 0 }),
    partitions: v.pipe(v.array(partition), v.minLength(1)),
  }),
  v.object({ kind: v.literal('codes'), bits }),
  v.object({ kind: v.literal('deep-hash') }),
  v.object({ kind: v.literal('path'), hidden: whole, bases: partition, mlps: partition }),
  v.object({
    kind: v.literal('tensor-train'),
    rank: whole,
    factors: v.strictTuple([whole, whole, whole]),
    cores: v.array(partition),
  }),
  v.object({ kind: v.literal('split'), hot: count, cold: count }),
  v.object({ kind: v.literal('shared'), chunk: whole }),
  v.object({ kind: v.literal('similar'), hashes: atMost(4) }),
  v.object({ kind: v.literal('sparse'), threshold: v.exactOptional(v.literal('learnt')) }),
]) satisfies v.GenericSchema<unknown, FieldStorage>;

/** An allocation's storage as it may come back from a file. */
export const storageShape = v.object({
  blocks: v.array(
    v.object({
      field: count,
      firstId: count,
      rows: count,
      mass: finite,
      popularity: finite,
      dim: atMost(2 ** 16),
      tableParameters: count,
      projectionParameters: count,
    }),
  ),
  fields: v.array(fieldShape),
  sharedElements: count,
  decoder: v.exactOptional(
    v.object({ hashes: atMost(2 ** 16), hiddenLayers: atMost(64), hiddenWidth: atMost(2 ** 20) }),
  ),
}) satisfies v.GenericSchema<unknown, AllocationStorage>;

/** The most elements of a vector: methods with shared memory make a lookup of each. */
const WIDEST_VECTOR = 2 ** 16;

/** What does not fit about it, as a clause; null: it is the storage of a model of these fields. */
export function findStorageProblem(
  { blocks, fields }: AllocationStorage,
  { baseDim }: AllocationSummary,
  own: readonly { readonly name: string; readonly cardinality: number }[],
): string | null {
  if (baseDim < 1 || baseDim > WIDEST_VECTOR) return `its vectors have ${baseDim} elements`;
  if (fields.length !== own.length) return `it stores ${fields.length} fields, and has ${own.length}`;
  const nextIds = own.map(() => 0);
  for (const { field, firstId, rows } of blocks) {
    if (nextIds[field] !== firstId) return 'the blocks of a field do not follow one another';
    nextIds[field] = firstId + rows;
  }
  const field = own.findIndex(({ cardinality }, i) => nextIds[i] !== cardinality);
  return field === -1
    ? null
    : `the blocks of ${excerpt(own[field].name)} do not have its ${own[field].cardinality} rows`;
}
