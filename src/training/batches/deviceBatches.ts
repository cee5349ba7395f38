import type { Backend, DeviceData } from '../../backend/backend.ts';
import type { DatasetInfo, Examples, Split } from '../../data/dataset.ts';
import {
  allocateExamples,
  type ExampleReader,
  type ReadableDataset,
  readerOf,
} from '../../data/stored/exampleReader.ts';
import type { Lookup } from '../../program/lookup.ts';
import type { BatchData } from '../../program/operand.ts';
import type { Step } from '../../program/program.ts';
import { NegativeSampler } from '../../ranking/negativeSampler.ts';
import type { NegativeSampling } from '../../settings/settings.ts';
import {
  type BatchLayoutData,
  type BatchLayout,
  evaluatedBatches,
  layOutBatches,
  trainExamples,
} from './batchLayout.ts';
import { spreadGroups } from './exampleGroups.ts';
import { RowIndexBuilder } from './rowIndex.ts';
import { DealtBatches } from './windows.ts';

/** What batches depend on, beside data, layout and seed. */
export interface Addressing {
  readonly lookups: readonly Lookup[];
  /** u32[rows, 2]: of the fields that are looked up by signature; undefined: there are none. */
  readonly signatures: Uint32Array | undefined;
  /** How the negatives of a layout that has some are sampled. */
  readonly negativeSampling?: NegativeSampling | undefined;
}

/** The part of a Step that says where its batch lies. */
export type BatchSlot = Pick<Step, 'slot' | 'count' | 'segments' | 'longSegments'>;

/** Most bytes of batches that stay on the device, all 'data' tensors together; if there are more, batches go through rings. */
const RESIDENT_BYTES: Readonly<Record<Backend['kind'], number>> = {
  cpu: 256 * 2 ** 20,
  webgpu: 1024 * 2 ** 20,
};

/**
 * The examples on one device, for one data set, batch, seed and set of lookups. Runs that differ only in other things share
 * them: with methods that give every id its own row, changing α uploads nothing.
 */
export class DeviceBatches {
  readonly layout: BatchLayout;
  readonly #backend: Backend;
  readonly #splits: DatasetInfo['splits'];
  readonly #reader: ExampleReader;
  readonly #dealt: DealtBatches;
  /** The window of training examples that the reader holds. */
  #window = -1;
  /** Labels of the examples that are evaluated, by split, once they were asked for. */
  readonly #labels: Partial<Record<Split, Float32Array>> = {};
  readonly #staging: Examples;
  readonly #rowIndex: RowIndexBuilder;
  readonly #sampler: NegativeSampler | undefined;
  readonly #negatives: Uint32Array; // of one example
  /** The batch in each slot; undefined: never written. */
  readonly #held: (BatchSlot | undefined)[] = [];
  #tensors: BatchData | undefined;
  #data: DeviceData | undefined;
  #nextTrain = 0;
  #nextEvaluation = 0;

  constructor(
    backend: Backend,
    dataset: ReadableDataset,
    layout: BatchLayout,
    seed: number,
    { lookups, signatures, negativeSampling = 'uniform' }: Addressing,
  ) {
    const { splits, fields } = dataset;
    const { batch, windows } = layout;
    this.layout = layout;
    this.#backend = backend;
    this.#splits = splits;
    this.#reader = readerOf(dataset);
    this.#dealt = new DealtBatches(splits.train, trainExamples(layout), seed, windows);
    this.#staging = allocateExamples(dataset, batch);
    this.#negatives = new Uint32Array(layout.negatives);
    if (layout.negatives > 0) this.#sampler = new NegativeSampler(dataset, negativeSampling, seed);
    this.#rowIndex = new RowIndexBuilder(
      batch,
      fields.map((field) => field.cardinality),
      lookups,
      signatures,
    );
  }

  /** Most steps for one Execution.run: with more, later batches would overwrite the first. */
  get longestRun(): number {
    const { resident, trainSlots, dataSlots } = this.layout;
    return resident ? Infinity : Math.min(trainSlots, dataSlots - trainSlots);
  }

  /** The device memory of the program's data tensors. It is allocated at the first call. Throws BackendError. */
  open(tensors: BatchData): DeviceData {
    this.#tensors ??= tensors;
    this.#data ??= this.#backend.createData(storedTensors(tensors));
    return this.#data;
  }

  /**
   * Uploads the batch with its row index unless it is there. `epoch` (from 0) decides its negatives alone. Throws DataError where its
   * examples cannot be read.
   */
  trainBatch(index: number, epoch = 0): BatchSlot {
    const { resident, trainSlots } = this.layout;
    if (resident) return (this.#held[index] ??= this.#upload('train', index, index, true));
    const slot = this.#nextTrain;
    this.#nextTrain = (slot + 1) % trainSlots;
    return this.#upload('train', index, slot, true, epoch);
  }

  /** The slot of a batch of any split that is to be evaluated. Throws DataError. */
  evaluationBatch(split: Split, index: number): BatchSlot {
    const { resident, trainSlots, batches } = this.layout;
    if (!resident) return this.#upload(split, index, this.#nextEvaluationSlot(), false);
    if (split === 'train') return this.trainBatch(index);
    const slot = trainSlots + (split === 'validation' ? 0 : batches.validation) + index;
    return (this.#held[slot] ??= this.#upload(split, index, slot, false));
  }

  /** The slot of examples that no split has, which are to be evaluated: ids u32[count, fields]. Only where batches go through rings. */
  candidateBatch(ids: Uint32Array): BatchSlot {
    const { data, tensors } = this.#opened();
    const slot = this.#nextEvaluationSlot();
    const { length } = this.#staging.ids;
    data.write(tensors.ids.name, slot * length, ids);
    const fields = length / this.layout.batch;
    return { slot, count: ids.length / fields, segments: 0, longSegments: 0 };
  }

  /** Labels of the examples of a split that are evaluated, batch after batch. Read once, and kept. Throws DataError. */
  evaluatedLabels(split: Split): Float32Array {
    return (this.#labels[split] ??= this.#readLabels(split));
  }

  #readLabels(split: Split): Float32Array {
    const batches = evaluatedBatches(this.layout, split);
    const labels = new Float32Array(Math.min(this.#splits[split].count, batches * this.layout.batch));
    let count = 0;
    for (let index = 0; index < batches; index++) {
      const examples = this.#read(split, index);
      labels.set(this.#staging.labels.subarray(0, examples), count);
      count += examples;
    }
    return labels.subarray(0, count);
  }

  destroy(): void {
    this.#data?.destroy();
    this.#data = undefined;
    this.#held.length = 0;
  }

  #opened(): { readonly data: DeviceData; readonly tensors: BatchData } {
    const data = this.#data;
    const tensors = this.#tensors;
    if (!data || !tensors) throw new Error('device batches must be opened before its batches are used');
    return { data, tensors };
  }

  #nextEvaluationSlot(): number {
    const { trainSlots, dataSlots } = this.layout;
    const slot = trainSlots + this.#nextEvaluation;
    this.#nextEvaluation = (this.#nextEvaluation + 1) % (dataSlots - trainSlots);
    return slot;
  }

  #upload(split: Split, index: number, slot: number, isIndexed: boolean, epoch = 0): BatchSlot {
    const { data, tensors } = this.#opened();
    const count = this.#read(split, index, epoch);
    const { ids, numbers, labels } = this.#staging;
    data.write(tensors.ids.name, slot * ids.length, ids);
    if (tensors.numbers) data.write(tensors.numbers.name, slot * numbers.length, numbers);
    data.write(tensors.labels.name, slot * labels.length, labels);
    if (!isIndexed) return { slot, count, segments: 0, longSegments: 0 };
    const rowIndex = this.#rowIndex;
    rowIndex.build(ids, count);
    const { occurrences, starts, long } = tensors.rowIndex;
    data.write(occurrences.name, slot * occurrences.shape[1], rowIndex.occurrences);
    data.write(starts.name, slot * starts.shape[1], rowIndex.starts.subarray(0, rowIndex.segments + 1));
    data.write(long.name, slot * long.shape[1], rowIndex.long.subarray(0, rowIndex.longSegments));
    return { slot, count, segments: rowIndex.segments, longSegments: rowIndex.longSegments };
  }

  /**
   * Reads the examples of a batch side by side, those of training with their negatives, fills the rest of a partial batch with zeros, and
   * returns how many they are.
   */
  #read(split: Split, index: number, epoch = 0): number {
    const staging = this.#staging;
    const count = split === 'train' ? this.#gather(index, epoch) : this.#readConsecutive(split, index);
    const { batch } = this.layout;
    staging.ids.fill(0, count * (staging.ids.length / batch));
    staging.numbers.fill(0, count * (staging.numbers.length / batch));
    staging.labels.fill(0, count);
    return count;
  }

  #gather(index: number, epoch: number): number {
    const window = this.#dealt.windowOf(index);
    if (window !== this.#window) {
      this.#window = -1;
      this.#reader.hold(this.#dealt.pagesOf(window));
      this.#window = window;
    }
    const examples = this.#dealt.examplesOf(index);
    this.#reader.gather(examples, this.#staging);
    if (!this.#sampler) return examples.length;
    return spreadGroups(examples, this.#sampler, this.#negatives, epoch, this.#staging);
  }

  /** Examples in their own order, for evaluation. */
  #readConsecutive(split: Split, index: number): number {
    const { batch } = this.layout;
    const { start, count } = this.#splits[split];
    const length = Math.min(batch, count - index * batch);
    this.#reader.read(start + index * batch, length, this.#staging);
    return length;
  }
}

function storedTensors({ ids, numbers, labels, rowIndex }: BatchData) {
  return [ids, ...(numbers ? [numbers] : []), labels, rowIndex.occurrences, rowIndex.starts, rowIndex.long];
}

/** Keeps the batches of the last run on the device for the next one. Its maker destroys it before the backend. */
export class DeviceBatchesCache {
  #residentBytes: number | undefined;
  readonly #windowPages: number | undefined;
  #batches: DeviceBatches | undefined;
  #key: readonly unknown[] = [];

  /** Instead of RESIDENT_BYTES and WINDOW_PAGES. */
  constructor(residentBytes?: number, windowPages?: number) {
    this.#residentBytes = residentBytes;
    this.#windowPages = windowPages;
  }

  /** Lays batches of `batch` examples with `lookups` each into `memoryBytes`, or into the shortest rings if these are larger. */
  layoutFor(
    { kind, maxTensorBytes: tensorBytes }: Pick<Backend, 'kind' | 'maxTensorBytes'>,
    dataset: BatchLayoutData,
    batch: number,
    lookups: number,
    memoryBytes = Infinity,
    negatives = 0,
  ): BatchLayout {
    const residentBytes = Math.min(memoryBytes, this.#residentBytes ?? RESIDENT_BYTES[kind]);
    const limits = { residentBytes, ringBytes: memoryBytes, tensorBytes, windowPages: this.#windowPages };
    return layOutBatches(dataset, batch, lookups, limits, negatives);
  }

  batchesFor(
    backend: Backend,
    dataset: ReadableDataset,
    layout: BatchLayout,
    seed: number,
    addressing: Addressing,
  ): DeviceBatches {
    const { lookups, signatures, negativeSampling } = addressing;
    const drawn = layout.negatives > 0 ? negativeSampling : undefined;
    const key = [backend, dataset, JSON.stringify(layout), seed, signatures, JSON.stringify(lookups), drawn];
    if (this.#batches && key.every((value, i) => value === this.#key[i])) return this.#batches;
    this.destroy();
    this.#key = key;
    this.#batches = new DeviceBatches(backend, dataset, layout, seed, addressing);
    return this.#batches;
  }

  /** From now on batches go through rings, because the device had no memory for all of them. */
  useRings(): void {
    this.destroy();
    this.#residentBytes = 0;
  }

  destroy(): void {
    this.#batches?.destroy();
    this.#batches = undefined;
  }
}
