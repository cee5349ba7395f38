import type { Examples } from '../../data/dataset.ts';
import { PAGE_EXAMPLES, pagesOf } from '../../data/stored/examplePages.ts';
import type { OpenDataset, ReadableDataset } from '../../data/stored/exampleReader.ts';
import type { MemoryLimits } from '../../data/source.ts';
import type { AllocatedBytes } from '../../program/memory.ts';
import { type BatchLayout, evaluatedBatches } from '../batches/batchLayout.ts';
import { TrainingError } from '../events/errors.ts';
import { writeBytes } from '../../quantities/quantities.ts';

/** What the needs of a run are read off. */
export interface PlannedMemory {
  readonly dataset: ReadableDataset;
  readonly layout: BatchLayout;
  /** Lookups of an example. */
  readonly lookups: number;
  /** Rows that are looked up by signature. */
  readonly signedRows: number;
  /** What the device allocates. */
  readonly bytes: AllocatedBytes;
  /** The CPU's device memory is that of this thread. */
  readonly backend: 'cpu' | 'webgpu';
  /** Whether the state is copied for checkpoints while the run goes on. */
  readonly keepsCheckpoints: boolean;
}

/** Bytes of this thread's memory at the peak of a run. */
export interface MemoryNeeds {
  /** With what grows with the budget: weights, optimiser state, signatures, and their copies. */
  readonly model: number;
  /** With what grows with the batch: activations, staging, the row index of a batch. */
  readonly batch: number;
  /** The data set or the window of it in memory, the batches on a device of this thread, their order, labels and predictions. */
  readonly examples: number;
  /** Of these, JavaScript objects. */
  readonly heap: number;
}

/** Arrays of the row index: occurrences, starts, located rows, two orders; long segments are fewer. */
const INDEX_ARRAYS = 6;
/** An object that says where a batch lies. */
const SLOT_BYTES = 100;
/** Predictions, and two pairs of keys and orders while they are sorted. */
const PREDICTION_BYTES = 28;
/** Examples that signatures are computed of: see compression/minhash.ts. */
const SIGNED_EXAMPLES = 125_000;
/** Two words of every signature while it is made and when it is kept, a minhash, and whether the row was seen. */
const SIGNING_BYTES = 8 + 8 + 4 + 1;

export function memoryNeeds(planned: PlannedMemory): MemoryNeeds {
  const { dataset, layout, lookups, signedRows, bytes, backend, keepsCheckpoints } = planned;
  const { fields, numericColumns, splits } = dataset;
  const { batch, batches, windows, resident, dataSlots } = layout;
  const weights = bytes.parameter + bytes['optimizer-state'];
  const copies = keepsCheckpoints ? weights + bytes.checkpoint : 0;
  const signing = signedRows > 0 ? SIGNING_BYTES * signedRows + 4 * SIGNED_EXAMPLES * fields.length : 0;
  const { activation, gradient, shared, scratch, metric, constant, data, checkpoint } = bytes;
  const isHere = backend === 'cpu' ? 1 : 0;
  const staging = 4 * batch * (fields.length + numericColumns.length + 1 + INDEX_ARRAYS * lookups);
  const evaluated = Math.max(
    evaluatedBatches(layout, 'train'),
    evaluatedBatches(layout, 'validation'),
    evaluatedBatches(layout, 'test'),
  );
  const windowExamples = Math.min(splits.train.count, windows.pages * PAGE_EXAMPLES);
  const order = 4 * (windowExamples + pagesOf(splits.train.count) + windows.windowBatches);
  const labels =
    4 *
    batch *
    (['train', 'validation', 'test'] as const).reduce(
      (sum, split) => sum + evaluatedBatches(layout, split),
      0,
    );
  const slots = SLOT_BYTES * (resident ? batches.train + batches.validation + batches.test : dataSlots);
  return {
    model: copies + signing + isHere * (weights + checkpoint),
    batch: staging + isHere * (activation + gradient + shared + scratch + metric + constant),
    examples:
      datasetBytes(dataset, windows.pages) +
      order +
      labels +
      PREDICTION_BYTES * batch * evaluated +
      slots +
      isHere * data,
    heap: slots,
  };
}

function datasetBytes(dataset: ReadableDataset, windowPages: number): number {
  const { fields } = dataset;
  const examples = 'pages' in dataset ? heldBytes(dataset, windowPages) : bytesOf(dataset);
  const names = fields.reduce(
    (sum, { names: own }) => sum + (own ? own.bytes.byteLength + own.ends.byteLength : 0),
    0,
  );
  return fields.reduce((sum, { counts }) => sum + counts.byteLength, examples + names);
}

function bytesOf({ ids, numbers, labels }: Examples): number {
  return ids.byteLength + numbers.byteLength + labels.byteLength;
}

/** Of a file: a window, and a page for evaluations. */
function heldBytes({ pages, splits }: OpenDataset, windowPages: number): number {
  const held = Math.min(windowPages, pagesOf(splits.train.count)) + 1;
  return held * PAGE_EXAMPLES * pages.layout.rowBytes;
}

/** The rest is for what is not counted here. */
const USABLE_SHARE = 0.9;
/** A part of the need that makes up less is not worth lowering. */
const NOTABLE_SHARE = 0.1;

/** Throws TrainingError for needs above the limits, before anything is allocated. */
export function checkMemory(needs: MemoryNeeds, { heapBytes, totalBytes }: MemoryLimits): void {
  const total = needs.model + needs.batch + needs.examples;
  if (total > USABLE_SHARE * totalBytes)
    throw new TrainingError(
      `This run would take about ${writeBytes(total)} of memory, and at most ${writeBytes(USABLE_SHARE * totalBytes)} can be given to it.`,
      remedyFor(needs, total),
    );
  if (needs.heap > USABLE_SHARE * heapBytes)
    throw new TrainingError(
      `This run would take about ${writeBytes(needs.heap)} of the memory for JavaScript objects, and at most ${writeBytes(USABLE_SHARE * heapBytes)} can be given to it.`,
      'Choose a larger batch, so that there are fewer of them, or load a random sample of the data.',
    );
}

/** How often the needs fit into the limits at once. */
export function timesWithin(
  { model, batch, examples, heap }: MemoryNeeds,
  { heapBytes, totalBytes }: MemoryLimits,
): number {
  const inTotal = (USABLE_SHARE * totalBytes) / (model + batch + examples);
  return Math.floor(heap > USABLE_SHARE * heapBytes ? 0 : inTotal);
}

function remedyFor({ model, batch, examples }: MemoryNeeds, total: number): string {
  const ways = [
    { bytes: model, way: 'a smaller budget' },
    { bytes: batch, way: 'a smaller batch' },
    { bytes: examples, way: 'a random sample of the data (row limit)' },
  ];
  const notable = ways
    .filter(({ bytes }) => bytes > NOTABLE_SHARE * total)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ way, bytes }) => `${way} (${writeBytes(bytes)} depend on it)`);
  return `Choose ${notable.join(', or ')}.`;
}
