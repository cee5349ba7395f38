import type { Dataset, Split } from '../../data/dataset.ts';
import { LONG_SEGMENT } from '../../program/operand.ts';

/** How the batches of a data set lie in device memory. */
export interface BatchLayout {
  readonly batch: number;
  readonly batches: Readonly<Record<Split, number>>;
  /**
   * True: every batch of every split has a slot of its own, is uploaded at its first use and stays.
   * False: training and evaluation have a ring of slots each, and every step uploads its batch.
   */
  readonly resident: boolean;
  /** Slots 0 … trainSlots − 1 have update plans; those up to dataSlots − 1 do not. */
  readonly trainSlots: number;
  readonly dataSlots: number;
}

/** What the layout depends on. A Dataset is one. */
export type BatchLayoutData = Pick<Dataset, 'splits' | 'fields' | 'numericColumns'>;

export interface BatchLimits {
  /** All 'data' tensors together, if every batch stays. */
  readonly residentBytes: number;
  /** All 'data' tensors together, if they do not: the rings are as long as that allows, a slot each at the least. */
  readonly ringBytes?: number;
  /** The largest single tensor: Backend.maxTensorBytes. */
  readonly tensorBytes: number;
}

/** Slots of a ring: steps that can be submitted together. Fewer when a batch is large. */
const RING_SLOTS = 16;
const RING_BYTES = 64 * 2 ** 20;

/** `lookups` an example. Throws nothing: what not even a ring can hold is refused by the backend, with its limit. */
export function layOutBatches(
  { splits, fields, numericColumns }: BatchLayoutData,
  batch: number,
  lookups: number,
  { residentBytes, ringBytes = Infinity, tensorBytes }: BatchLimits,
): BatchLayout {
  const countOf = (split: Split): number => Math.ceil(splits[split].count / batch);
  const batches = { train: countOf('train'), validation: countOf('validation'), test: countOf('test') };
  const perSlot = [batch * fields.length, batch * numericColumns.length, batch];
  const occurrences = batch * lookups;
  const perPlan = [occurrences, occurrences + 1, Math.floor(occurrences / LONG_SEGMENT) + 1];
  const all = batches.train + batches.validation + batches.test;
  const largestBytes = 4 * Math.max(...perSlot.map((n) => n * all), ...perPlan.map((n) => n * batches.train));
  const totalBytes = 4 * (sum(perSlot) * all + sum(perPlan) * batches.train);
  if (largestBytes <= tensorBytes && totalBytes <= residentBytes) {
    return { batch, batches, resident: true, trainSlots: batches.train, dataSlots: all };
  }
  const slotBytes = 4 * sum(perSlot);
  const planBytes = 4 * sum(perPlan);
  const fitting = Math.min(RING_BYTES / (slotBytes + planBytes), ringBytes / (2 * slotBytes + planBytes));
  const ring = Math.min(RING_SLOTS, Math.max(1, Math.floor(fitting)));
  const trainSlots = Math.min(ring, batches.train);
  return { batch, batches, resident: false, trainSlots, dataSlots: trainSlots + ring };
}

/** Training examples that are evaluated at the end of a run, at most (rounded up to whole batches). */
const TRAIN_EXAMPLES = 100_000;

/**
 * Batches of a split that are evaluated: all of validation and test. Of training the first ones,
 * which are a random sample, since examples are dealt to batches by a permutation.
 */
export function evaluatedBatches({ batch, batches }: BatchLayout, split: Split): number {
  return split === 'train' ? Math.min(batches.train, Math.ceil(TRAIN_EXAMPLES / batch)) : batches[split];
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
