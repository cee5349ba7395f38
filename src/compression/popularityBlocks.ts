import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';
import type { FieldStatistics } from './allocation.ts';
import { AllocationError } from './errors.ts';

/** A range of a field's ids, cut by popularity. It does not depend on α or on the budget. */
export interface PopularityBlock {
  readonly field: number;
  readonly firstId: number;
  readonly rows: number;
  /** Share of the field's lookups that hit this block. */
  readonly mass: number;
}

type Cut = Omit<PopularityBlock, 'field'>;

const blocksOfFields = new WeakMap<readonly FieldStatistics[], Map<number, readonly PopularityBlock[]>>();
/** By field, since a choice of methods by field cuts subsets. */
const cutsOfField = new WeakMap<FieldStatistics, Map<number, readonly Cut[]>>();

/**
 * Cuts every field into at most k blocks of equal popularity mass: block j ends at the first id
 * where the cumulative share of lookups reaches j/k. Ids are popularity ranks, so blocks are
 * ranges. An id more popular than 1/k takes several cuts at once, which gives fewer blocks, none
 * empty; a field nobody looked up is cut into equal ranges. k = 1 reads no counts.
 * Costs three passes over the counts the first time; the answer is remembered with `fields`.
 * Throws AllocationError: no fields, no rows, no counts for k > 1, counts not in popularity order.
 */
export function popularityBlocks(fields: readonly FieldStatistics[], k: number): readonly PopularityBlock[] {
  return blocksOfFields.get(fields)?.get(k) ?? finish(cuttingBlocks(fields, k));
}

/** popularityBlocks, in pieces. Afterwards it has the answer at once, for these fields and for any of them. */
export function* cuttingBlocks(
  fields: readonly FieldStatistics[],
  k: number,
): Pieces<readonly PopularityBlock[]> {
  const known = blocksOfFields.get(fields) ?? new Map<number, readonly PopularityBlock[]>();
  let blocks = known.get(k);
  if (!blocks) {
    if (fields.length === 0) {
      throw new AllocationError(
        'There is no categorical field.',
        'Give at least one column the role category.',
      );
    }
    const cut: PopularityBlock[] = [];
    for (const [field, statistics] of fields.entries())
      for (const { firstId, rows, mass } of yield* cuttingField(statistics, k))
        cut.push({ field, firstId, rows, mass });
    blocks = cut;
    blocksOfFields.set(fields, known.set(k, blocks));
  }
  return blocks;
}

function* cuttingField(field: FieldStatistics, k: number): Pieces<readonly Cut[]> {
  const { name, cardinality, counts } = field;
  if (!(Number.isSafeInteger(cardinality) && cardinality > 0)) {
    throw new AllocationError(
      `Field ${name} has ${cardinality} rows.`,
      'Every field needs at least one row.',
    );
  }
  if (k === 1) return [{ firstId: 0, rows: cardinality, mass: 1 }];
  if (!counts) {
    throw new AllocationError(
      `Field ${name} has no lookup counts, so it cannot be cut into ${k} popularity blocks.`,
      'Give the counts, or use one block per field.',
    );
  }
  if (counts.length !== cardinality) {
    throw new AllocationError(
      `Field ${name} has ${cardinality} rows but ${counts.length} lookup counts.`,
      'Give one count for each row.',
    );
  }
  const known = cutsOfField.get(field) ?? new Map<number, readonly Cut[]>();
  cutsOfField.set(field, known);
  let cuts = known.get(k);
  if (!cuts) {
    yield* checkingOrder(counts, name);
    cuts = yield* cuttingByMass(counts, k);
    known.set(k, cuts);
  }
  return cuts;
}

/** Counts that are read between two rests: a few milliseconds. */
const READ_COUNTS = 2 ** 20;

function* cuttingByMass(counts: Uint32Array, k: number): Pieces<readonly Cut[]> {
  let lookups = 0;
  for (const { from, end } of rangesOf(counts.length, READ_COUNTS)) {
    for (let id = from; id < end; id++) lookups += counts[id];
    yield;
  }
  const total = lookups || counts.length;
  const cuts: Cut[] = [];
  let before = 0; // lookups of the blocks that are finished
  let reached = 0; // before, and those of the block in progress
  let firstId = 0;
  let due = 1; // the cut that comes next
  for (const { from, end } of rangesOf(counts.length, READ_COUNTS)) {
    for (let id = from; id < end; id++) {
      reached += lookups ? counts[id] : 1;
      const isCut = due < k && reached * k >= due * total;
      if (!isCut && id < counts.length - 1) continue;
      cuts.push({ firstId, rows: id + 1 - firstId, mass: (reached - before) / total });
      firstId = id + 1;
      before = reached;
      due = Math.floor((before * k) / total) + 1;
    }
    yield;
  }
  return cuts;
}

function* checkingOrder(counts: Uint32Array, name: string): Pieces<void> {
  for (const { from, end } of rangesOf(counts.length, READ_COUNTS)) {
    for (let id = Math.max(1, from); id < end; id++) {
      if (counts[id] > counts[id - 1]) {
        throw new AllocationError(
          `Field ${name}: id ${id} is looked up more often than id ${id - 1}.`,
          'Number the ids by popularity, the most popular first.',
        );
      }
    }
    yield;
  }
}
