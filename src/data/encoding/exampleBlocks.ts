import type { Labels } from '../labels.ts';
import { type SplitColumns, splitByHash } from '../splits.ts';
import type { ByteDictionary, PackedValues } from './byteDictionary.ts';
import { type ExampleBlock, filterBlock } from './exampleBlock.ts';
import { bucketOf, sampleKey } from './sample.ts';

/** Which examples are kept, and what their labels become. */
export interface ExampleChoice {
  readonly labels: Labels;
  /** See sampleKey. */
  readonly largestKey: number;
}

/** Examples in each split: training, validation, test. */
export type SplitCounts = readonly [number, number, number];

/** What an encoder has of one field, in the order in which the examples kept have its values first. */
export interface FieldPart {
  /** Examples of the training split that have the value. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** The first record that has it: rising. */
  readonly firsts: Float64Array<ArrayBuffer>;
  /** null: they were not asked for. */
  readonly values: PackedValues | null;
}

/** Examples as a data set holds them: by split, in file order within each. */
export interface LaidOutBlock {
  readonly counts: SplitCounts;
  readonly ids: Uint32Array<ArrayBuffer>; // [examples, fields]
  readonly numbers: Float32Array<ArrayBuffer>; // [examples, numericColumns]
  readonly labels: Float32Array<ArrayBuffer>; // [examples]
}

interface CountedField {
  /** Places in firsts and counts, or later ids; by code. */
  readonly places: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly firsts: Float64Array<ArrayBuffer>;
  size: number;
}

const nowhere = 2 ** 32 - 1;

/**
 * Holds encoded blocks in memory, in file order, and turns them into rows of a data set: `select` each, `count` each, then of every
 * field `takeField` and `setIds`, then `layOut` each, which gives its memory back.
 */
export class ExampleBlocks {
  readonly #dictionaries: readonly ByteDictionary[];
  readonly #blocks = new Map<number, ExampleBlock>();
  readonly #splits = new Map<number, Uint8Array>();
  #fields: readonly CountedField[] | null = null;
  #bytes = 0;

  constructor(dictionaries: readonly ByteDictionary[]) {
    this.#dictionaries = dictionaries;
  }

  /** Of all blocks. */
  get byteLength(): number {
    return this.#bytes;
  }

  add(block: ExampleBlock): void {
    this.#bytes += bytesOf(block) - bytesOf(this.#blocks.get(block.index));
    this.#blocks.set(block.index, block);
  }

  /** Forgets the examples that no sample can hold. */
  dropAbove(largestKey: number): void {
    for (const block of this.#blocks.values()) {
      this.add(filterBlock(block, (row) => sampleKey(block.records[row]) <= largestKey));
    }
  }

  /** Keys of the examples in a bucket. */
  keysIn(bucket: number): number[] {
    const keys: number[] = [];
    for (const { records } of this.#blocks.values()) {
      for (const record of records) {
        const key = sampleKey(record);
        if (bucketOf(key) === bucket) keys.push(key);
      }
    }
    return keys;
  }

  /** Keeps what is chosen of a block, and says what it is split by, where that is asked for. */
  select(index: number, { labels, largestKey }: ExampleChoice, tells: boolean): SplitColumns | null {
    const isKept = (label: number) =>
      labels.task !== 'click' || label === labels.low || label === labels.high;
    const block = this.#blockOf(index);
    const kept = filterBlock(
      block,
      (row) => isKept(block.labels[row]) && sampleKey(block.records[row]) <= largestKey,
    );
    if (labels.task === 'click')
      kept.labels.forEach((label, row) => (kept.labels[row] = Number(label === labels.high)));
    this.add(kept);
    return tells ? { records: kept.records, labels: kept.labels, times: kept.times } : null;
  }

  /** Counts the values of a block. `splits`: of its examples; null: by the hash of their records. */
  count(index: number, splits: Uint8Array | null): SplitCounts {
    const { records, codes } = this.#blockOf(index);
    const width = this.#dictionaries.length;
    const own = splits ?? Uint8Array.from(records, splitByHash);
    this.#splits.set(index, own);
    const fields = (this.#fields ??= this.#dictionaries.map(({ size }) => newField(size)));
    for (let f = 0; f < width; f++) {
      const field = fields[f];
      const { places, counts, firsts } = field;
      for (let row = 0, at = f; row < records.length; row++, at += width) {
        const code = codes[at];
        let place = places[code];
        if (place === nowhere) {
          place = places[code] = field.size++;
          firsts[place] = records[row];
        }
        if (own[row] === 0) counts[place]++;
      }
    }
    return countSplits(own);
  }

  takeField(field: number, withValues: boolean): FieldPart {
    const counted = this.#fields?.[field] ?? newField(0);
    const { places, counts, firsts, size } = counted;
    let values: PackedValues | null = null;
    if (withValues) {
      const codes = new Uint32Array(size);
      places.forEach((place, code) => {
        if (place !== nowhere) codes[place] = code;
      });
      values = this.#dictionaries[field].pack(codes);
    }
    return { counts: counts.slice(0, size), firsts: firsts.slice(0, size), values };
  }

  /** `ids`: in the order of takeField. */
  setIds(field: number, ids: Uint32Array): void {
    const places = this.#fields?.[field].places ?? new Uint32Array(0);
    for (let code = 0; code < places.length; code++) {
      if (places[code] !== nowhere) places[code] = ids[places[code]];
    }
  }

  layOut(index: number): LaidOutBlock {
    const block = this.#blockOf(index);
    const splits = this.#splits.get(index)!;
    this.#blocks.delete(index);
    this.#splits.delete(index);
    const examples = splits.length;
    const width = this.#dictionaries.length;
    const columns = examples === 0 ? 0 : block.numbers.length / examples;
    const ids = new Uint32Array(examples * width);
    const numbers = new Float32Array(block.numbers.length);
    const labels = new Float32Array(examples);
    const counts = countSplits(splits);
    const next = [0, counts[0], counts[0] + counts[1]];
    const rowOf = Uint32Array.from(splits, (split) => next[split]++);
    // One field after the other: the ids of one are in the cache more often than those of all.
    for (let f = 0; f < width; f++) {
      const { places } = this.#fields![f];
      for (let row = 0; row < examples; row++) {
        ids[rowOf[row] * width + f] = places[block.codes[row * width + f]];
      }
    }
    for (let row = 0; row < examples; row++) {
      const to = rowOf[row];
      for (let c = 0; c < columns; c++) numbers[to * columns + c] = block.numbers[row * columns + c];
      labels[to] = block.labels[row];
    }
    return { counts, ids, numbers, labels };
  }

  #blockOf(index: number): ExampleBlock {
    const block = this.#blocks.get(index);
    if (!block) throw new Error(`block ${index} is not here`);
    return block;
  }
}

function newField(size: number): CountedField {
  return {
    places: new Uint32Array(size).fill(nowhere),
    counts: new Uint32Array(size),
    firsts: new Float64Array(size),
    size: 0,
  };
}

function countSplits(splits: Uint8Array): SplitCounts {
  const counts: [number, number, number] = [0, 0, 0];
  for (const split of splits) counts[split]++;
  return counts;
}

function bytesOf(block: ExampleBlock | undefined): number {
  if (!block) return 0;
  const { records, labels, times, numbers, codes } = block;
  return [records, labels, times, numbers, codes].reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
}
