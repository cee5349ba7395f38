import type { DatasetInfo, Split } from '../../data/dataset.ts';
import { LONG_SEGMENT } from '../../program/operand.ts';
import { layOutWindows, type Windows } from './windows.ts';

/** How the batches of a data set lie in device memory. */
export interface BatchLayout {
  readonly batch: number;
  /**
   * Sampled for every training example, which takes 1 + negatives of a batch's rows. They are others in every epoch: then no batch is
   * resident. 0: examples have labels.
   */
  readonly negatives: number;
  readonly batches: Readonly<Record<Split, number>>;
  /** Of the training split. */
  readonly windows: Windows;
  /**
   * True: every batch of every split has a slot of its own, is uploaded at its first use and stays.
   * False: training and evaluation have a ring of slots each, and every step uploads its batch.
   */
  readonly resident: boolean;
  /** Slots 0 … trainSlots − 1 have a row index; those up to dataSlots − 1 have none. */
  readonly trainSlots: number;
  readonly dataSlots: number;
}

/** What the layout depends on. A data set is one. */
export type BatchLayoutData = Pick<DatasetInfo, 'splits' | 'fields' | 'numericColumns'>;

export interface BatchLimits {
  /** Limit of all 'data' tensors together for every batch to stay on the device. */
  readonly residentBytes: number;
  /** Limit of all 'data' tensors together otherwise: the rings are as long as it allows, but have at least a slot each. */
  readonly ringBytes?: number;
  /** The largest single tensor: Backend.maxTensorBytes. */
  readonly tensorBytes: number;
  /** Of a window of training examples. Default: WINDOW_PAGES. */
  readonly windowPages?: number | undefined;
}

/**
 * Most slots of a ring, which are the steps that can be submitted together, and most bytes: a ring of large batches has fewer
 * slots.
 */
const RING_SLOTS = 16;
const RING_BYTES = 64 * 2 ** 20;

/** `lookups`: of an example. Throws nothing: the backend refuses what not even the shortest rings can hold. */
export function layOutBatches(
  { splits, fields, numericColumns }: BatchLayoutData,
  batch: number,
  lookups: number,
  { residentBytes, ringBytes = Infinity, tensorBytes, windowPages }: BatchLimits,
  negatives = 0,
): BatchLayout {
  const countOf = (split: Split): number => Math.ceil(splits[split].count / batch);
  const windows = layOutWindows(splits.train, trainExamples({ batch, negatives }), windowPages);
  const batches = { train: windows.batches, validation: countOf('validation'), test: countOf('test') };
  const perSlot = [batch * fields.length, batch * numericColumns.length, batch];
  const occurrences = batch * lookups;
  const perIndex = [occurrences, occurrences + 1, Math.floor(occurrences / LONG_SEGMENT) + 1];
  const all = batches.train + batches.validation + batches.test;
  const largestBytes =
    4 * Math.max(...perSlot.map((n) => n * all), ...perIndex.map((n) => n * batches.train));
  const totalBytes = 4 * (sum(perSlot) * all + sum(perIndex) * batches.train);
  const layout = { batch, negatives, batches, windows };
  if (negatives === 0 && largestBytes <= tensorBytes && totalBytes <= residentBytes) {
    return { ...layout, resident: true, trainSlots: batches.train, dataSlots: all };
  }
  const slotBytes = 4 * sum(perSlot);
  const indexBytes = 4 * sum(perIndex);
  const fitting = Math.min(RING_BYTES / (slotBytes + indexBytes), ringBytes / (2 * slotBytes + indexBytes));
  const ring = Math.min(RING_SLOTS, Math.max(1, Math.floor(fitting)));
  const trainSlots = Math.min(ring, batches.train);
  return { ...layout, resident: false, trainSlots, dataSlots: trainSlots + ring };
}

/** The training examples of a batch. */
export function trainExamples({ batch, negatives }: Pick<BatchLayout, 'batch' | 'negatives'>): number {
  return Math.floor(batch / (1 + negatives));
}

/** Most training examples that are evaluated at the end of a run, rounded up to whole batches. */
const TRAIN_EXAMPLES = 100_000;

/**
 * How many batches of a split are evaluated: all of validation and test, and the first ones of training. These are a random
 * sample of the split or, of one with several windows, of 64 pages drawn from all of it.
 */
export function evaluatedBatches({ batch, batches }: BatchLayout, split: Split): number {
  return split === 'train' ? Math.min(batches.train, Math.ceil(TRAIN_EXAMPLES / batch)) : batches[split];
}

/** Most examples whose predictions wait on the device to be read, rounded down to whole batches: 128 KiB. */
const UNREAD_EXAMPLES = 2 ** 15;

/** The most batches that are evaluated before their predictions are read. */
export function evaluationSlots(layout: BatchLayout): number {
  const { batches, negatives } = layout;
  if (negatives > 0) return Math.max(1, Math.floor(UNREAD_EXAMPLES / layout.batch));
  const largest = Math.max(evaluatedBatches(layout, 'train'), batches.validation, batches.test);
  return Math.max(1, Math.min(largest, Math.floor(UNREAD_EXAMPLES / layout.batch)));
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
