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

const remembered = new WeakMap<readonly FieldStatistics[], Map<number, readonly PopularityBlock[]>>();

/**
 * Cuts every field into at most k blocks of equal popularity mass: block j ends at the first id
 * where the cumulative share of lookups reaches j/k. Ids are popularity ranks, so blocks are
 * ranges. An id more popular than 1/k takes several cuts at once, which gives fewer blocks, none
 * empty; a field nobody looked up is cut into equal ranges. k = 1 reads no counts.
 * Costs one pass over the counts the first time; the answer is remembered with `fields`.
 * Throws AllocationError: no fields, no rows, no counts for k > 1, counts not in popularity order.
 */
export function popularityBlocks(fields: readonly FieldStatistics[], k: number): readonly PopularityBlock[] {
  const known = remembered.get(fields) ?? new Map<number, readonly PopularityBlock[]>();
  let blocks = known.get(k);
  if (!blocks) {
    if (fields.length === 0) {
      throw new AllocationError(
        'There is no categorical field.',
        'Give at least one column the role category.',
      );
    }
    blocks = fields.flatMap((field, index) => cutField(field, index, k));
    remembered.set(fields, known.set(k, blocks));
  }
  return blocks;
}

function cutField(field: FieldStatistics, index: number, k: number): PopularityBlock[] {
  const { name, cardinality, counts } = field;
  if (!(Number.isSafeInteger(cardinality) && cardinality > 0)) {
    throw new AllocationError(
      `Field ${name} has ${cardinality} rows.`,
      'Every field needs at least one row.',
    );
  }
  if (k === 1) return [{ field: index, firstId: 0, rows: cardinality, mass: 1 }];
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
  return cutByMass(checkOrder(counts, name), index, k);
}

function cutByMass(counts: Uint32Array, field: number, k: number): PopularityBlock[] {
  let lookups = 0;
  for (const count of counts) lookups += count;
  const total = lookups || counts.length;
  const blocks: PopularityBlock[] = [];
  let before = 0; // lookups of the blocks that are finished
  let reached = 0; // before, and those of the block in progress
  let firstId = 0;
  let cuts = 1;
  for (let id = 0; id < counts.length; id++) {
    reached += lookups ? counts[id] : 1;
    const cut = cuts < k && reached * k >= cuts * total;
    if (!cut && id < counts.length - 1) continue;
    blocks.push({ field, firstId, rows: id + 1 - firstId, mass: (reached - before) / total });
    firstId = id + 1;
    before = reached;
    cuts = Math.floor((before * k) / total) + 1;
  }
  return blocks;
}

function checkOrder(counts: Uint32Array, name: string): Uint32Array {
  for (let id = 1; id < counts.length; id++) {
    if (counts[id] > counts[id - 1]) {
      throw new AllocationError(
        `Field ${name}: id ${id} is looked up more often than id ${id - 1}.`,
        'Number the ids by popularity, the most popular first.',
      );
    }
  }
  return counts;
}
