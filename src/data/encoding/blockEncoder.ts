import type { NumericColumn } from '../dataset.ts';
import type { Layout } from '../formats/layout.ts';
import { type LabelCounts, LabelTally } from '../labels.ts';
import { SkippedCounter, type SkippedGroup } from '../skipped.ts';
import type { RecordBlock } from './blockCutter.ts';
import { ByteDictionary } from './byteDictionary.ts';
import { ExampleBlocks } from './exampleBlocks.ts';
import { RecordEncoder } from './recordEncoder.ts';
import { bucketOf, everyKey, type KeyCounts, newKeyCounts, sampleKey } from './sample.ts';

/** What every thread that encodes a file is told before the first block. */
export interface EncodeJob {
  readonly layout: Layout;
  readonly file: string;
  readonly readsTimes: boolean;
  /** There may be more examples than are kept. */
  readonly samples: boolean;
}

/** What a block turned out to hold. Its examples stay with the encoder. */
export interface BlockSummary {
  readonly index: number;
  readonly records: number;
  readonly skipped: readonly SkippedGroup[];
  readonly labels: LabelCounts;
  /** Of all examples, also of those that were not kept; null: none is left out. */
  readonly keys: KeyCounts | null;
  /** Different values of each field, and bytes of the dictionaries and of all examples, in this encoder so far. */
  readonly values: readonly number[];
  readonly dictionaryBytes: number;
  readonly exampleBytes: number;
}

/** Encodes blocks of records, with codes of its own, and holds them. */
export class BlockEncoder extends ExampleBlocks {
  readonly categoryNames: readonly string[];
  readonly numericColumns: readonly NumericColumn[];
  readonly #file: string;
  readonly #readsTimes: boolean;
  readonly #samples: boolean;
  readonly #records: RecordEncoder;
  readonly #dictionaries: readonly ByteDictionary[];
  #largestKey = everyKey;

  constructor({ layout, file, readsTimes, samples }: EncodeJob) {
    const records = new RecordEncoder(layout, readsTimes, file);
    const { categoryNames, numericColumns } = records.reader;
    const dictionaries = categoryNames.map(() => new ByteDictionary());
    super(dictionaries);
    this.categoryNames = categoryNames;
    this.numericColumns = numericColumns;
    this.#dictionaries = dictionaries;
    this.#file = file;
    this.#readsTimes = readsTimes;
    this.#samples = samples;
    this.#records = records;
  }

  /** `largestKey`: examples above it are in no sample. */
  encode(block: RecordBlock, largestKey: number): BlockSummary {
    const { index, bytes, firstLine, firstRecord } = block;
    const width = this.#dictionaries.length;
    const columns = this.numericColumns.length;
    const encoder = this.#records;
    const skipped = new SkippedCounter(this.#file);
    const labels = new LabelTally();
    const keys = this.#samples ? newKeyCounts() : null;
    const records = new Float64Array(block.records);
    const values = new Float64Array(block.records);
    const times = this.#readsTimes ? new Float64Array(block.records) : null;
    const numbers = new Float32Array(block.records * columns);
    const codes = new Uint32Array(block.records * width);
    let row = 0;
    let line = firstLine;
    for (let start = 0, record = 0; record < block.records; record++) {
      const next = encoder.read(bytes, start);
      if (encoder.problem) skipped.add(encoder.problem, line);
      else {
        labels.add(encoder.label, line);
        const key = keys ? sampleKey(firstRecord + record) : 0;
        if (keys) keys[bucketOf(key)]++;
        if (key <= largestKey) {
          records[row] = firstRecord + record;
          values[row] = encoder.label;
          if (times) times[row] = encoder.time;
          numbers.set(encoder.numbers, row * columns);
          encoder.code(this.#dictionaries, codes, row * width);
          row++;
        }
      }
      line += encoder.lines(start, next);
      start = next;
    }
    this.#shrink(largestKey);
    this.add({
      index,
      records: fit(records, row),
      labels: fit(values, row),
      times: times && fit(times, row),
      numbers: fit(numbers, row * columns),
      codes: fit(codes, row * width),
    });
    return {
      index,
      records: block.records,
      skipped: skipped.groups(),
      labels: labels.counts,
      keys,
      values: this.#dictionaries.map(({ size }) => size),
      dictionaryBytes: this.#dictionaries.reduce((sum, { byteLength }) => sum + byteLength, 0),
      exampleBytes: this.byteLength,
    };
  }

  /** Once half of the examples can be in no sample any more. */
  #shrink(largestKey: number): void {
    if (largestKey > this.#largestKey / 2) return;
    this.#largestKey = largestKey;
    this.dropAbove(largestKey);
  }
}

/** The first `length` numbers, in memory of their size. */
function fit<Values extends { readonly length: number; slice(start: number, end: number): Values }>(
  values: Values,
  length: number,
): Values {
  return length === values.length ? values : values.slice(0, length);
}
