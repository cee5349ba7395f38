import { checkRoles } from './roles.ts';
import type { DataWarning, LoadReport } from './dataset.ts';
import { encodeDataset, type EncodedDataset } from './encodeDataset.ts';
import { BlockCutter, type RecordBlock } from './encoding/blockCutter.ts';
import type { BlockSummary } from './encoding/blockEncoder.ts';
import type { EncoderThreads } from './encoding/threads.ts';
import { EncoderPool } from './encoding/encoderPool.ts';
import { boundSample, bucketOf, everyKey, newKeyCounts } from './encoding/sample.ts';
import { checkDataset } from './dataWarnings.ts';
import { DataError } from './containers/errors.ts';
import type { Pace } from './containers/pace.ts';
import { columnLabel, type Layout } from './formats/layout.ts';
import { type Labels, LabelTally } from './labels.ts';
import type { DataReading } from './reading.ts';
import type { LoadOptions } from './source.ts';
import { RowReader } from './rowReader.ts';
import { SkippedCounter } from './skipped.ts';

const defaultMinCount = { click: 2, rating: 1, ranking: 1 };

/** A field may have so many different values: its table then takes 2 GB. */
const mostValues = 2 ** 26;

/** What the lines so far take. */
export interface CollectedSize {
  readonly examples: number;
  /** Of the dictionaries. */
  readonly dictionaryBytes: number;
  /** Of the examples, encoded. */
  readonly exampleBytes: number;
  /** Different ones, over all fields and encoders. */
  readonly values: number;
  readonly columns: number;
}

/** Turns the text of one file into a data set, piece by piece, with several threads where it is given them. Rejects with DataError. */
export class FileLoader {
  /** Data lines that were encoded so far: the header is not one. */
  lines = 0;

  readonly #layout: Layout;
  readonly #options: LoadOptions;
  readonly #file: string;
  readonly #cutter: BlockCutter;
  #pool!: EncoderPool;
  readonly #skipped: SkippedCounter;
  readonly #labels = new LabelTally();
  readonly #keys = newKeyCounts();
  readonly #columns: Pick<RowReader, 'categoryNames' | 'numericColumns'>;
  /** By encoder, as it said last. */
  readonly #held: BlockSummary[] = [];
  #blocks = 0;
  #largestKey = everyKey;

  /** `threads` null: encodes on this one. */
  static async open(
    layout: Layout,
    options: LoadOptions,
    file: string,
    threads: EncoderThreads | null,
  ): Promise<FileLoader> {
    checkRoles(layout, options, file);
    const loader = new FileLoader(layout, options, file);
    const job = {
      layout,
      file,
      readsTimes: readsTimes(options),
      samples: Number.isFinite(options.maxExamples),
    };
    loader.#pool = await EncoderPool.open(job, threads, loader.#take);
    return loader;
  }

  private constructor(layout: Layout, options: LoadOptions, file: string) {
    this.#layout = layout;
    this.#options = options;
    this.#file = file;
    this.#cutter = new BlockCutter(layout, file);
    this.#columns = new RowReader(layout, readsTimes(options));
    this.#skipped = new SkippedCounter(file);
  }

  /** The next piece of the file; it may end within a line. */
  async push(text: string): Promise<void> {
    await this.#submit(this.#cutter.push(text));
  }

  get size(): CollectedSize {
    const sum = (of: (summary: BlockSummary) => number) =>
      this.#held.reduce((all, held) => all + of(held), 0);
    const { categoryNames, numericColumns } = this.#columns;
    return {
      examples: Math.min(this.#labels.total, this.#options.maxExamples),
      dictionaryBytes: sum(({ dictionaryBytes }) => dictionaryBytes),
      exampleBytes: sum(({ exampleBytes }) => exampleBytes),
      values: sum(({ values }) => values.reduce((all, count) => all + count, 0)),
      columns: categoryNames.length + numericColumns.length,
    };
  }

  async finish(pace: Pace): Promise<{
    readonly dataset: EncodedDataset;
    readonly report: Omit<LoadReport, 'bytesRead' | 'elapsedMs'>;
  }> {
    await this.#submit(this.#cutter.end());
    await this.#pool.drain();
    this.#skipped.check(this.lines);
    const labels = this.#decideLabels();
    const minCount = Math.max(1, this.#options.minCount ?? defaultMinCount[labels.task]);
    const { splitBy, keepNames } = this.#options;
    const { categoryNames, numericColumns } = this.#columns;
    const { sampled, largestKey } = await this.#chooseSample();
    const encoded = await encodeDataset(
      this.#pool,
      {
        name: this.#file,
        format: this.#layout.format,
        task: labels.task,
        choice: { labels, largestKey },
        blocks: this.#blocks,
        fieldNames: categoryNames,
        numericColumns,
        keepNames,
        minCount,
        splitBy,
      },
      pace,
    );
    const dataset = { ...encoded, reading: describeReading(this.#layout, labels) };
    const skipped = this.#skipped.list();
    const hasTime = this.#layout.columns.some(({ role }) => role === 'time');
    const repeated = labels.task === 'ranking' ? this.size.examples - dataset.examples : 0;
    const warnings = [
      ...this.#layout.warnings,
      ...warnOfRepeated(repeated),
      ...(await pace.run(checkDataset(dataset, hasTime, splitBy))),
    ];
    return { dataset, report: { linesRead: this.lines, skipped, warnings, sampled, minCount, splitBy } };
  }

  /** Ends its threads. */
  close(reason: unknown): void {
    this.#pool.close(reason);
  }

  async #submit(blocks: Iterable<RecordBlock>): Promise<void> {
    for (const block of blocks) {
      this.#blocks++;
      await this.#pool.submit(block, this.#largestKey);
    }
  }

  /** In the order of the file. */
  readonly #take = (summary: BlockSummary, encoder: number): void => {
    this.lines += summary.records;
    for (const { problem, firstLine, count } of summary.skipped) this.#skipped.add(problem, firstLine, count);
    this.#labels.merge(summary.labels);
    this.#held[encoder] = summary;
    this.#skipped.checkEarly(this.lines);
    summary.keys?.forEach((count, bucket) => (this.#keys[bucket] += count));
    if (summary.keys) this.#largestKey = boundSample(this.#keys, this.#options.maxExamples).largestKey;
    const field = summary.values.findIndex((count) => count > mostValues);
    if (field >= 0) {
      throw new DataError(
        `the column has more than ${mostValues.toLocaleString('en')} different values.`,
        { file: this.#file, column: this.#columns.categoryNames[field] },
        'Load a sample of fewer lines (--max-examples), or give this column the role “ignore”.',
      );
    }
  };

  /** The largest key of the examples that are kept: those of the least keys, as many as are wanted. */
  async #chooseSample(): Promise<{ readonly sampled: boolean; readonly largestKey: number }> {
    const { maxExamples } = this.#options;
    if (this.#labels.total <= maxExamples) return { sampled: false, largestKey: everyKey };
    const { largestKey, below } = boundSample(this.#keys, maxExamples);
    const parts = await Promise.all(
      this.#pool.members.map(({ encoder }) => encoder.keysIn(bucketOf(largestKey))),
    );
    const keys = parts.flat().sort((a, b) => a - b);
    return { sampled: true, largestKey: keys[maxExamples - below - 1] };
  }

  #decideLabels(): Labels {
    const { columns, labels: expected } = this.#layout;
    if (this.#labels.total === 0) {
      throw new DataError(
        this.lines === 0
          ? 'the file holds no lines of data.'
          : expected === 'ranking'
            ? 'no line fulfils the rule for positives.'
            : 'no line has a label.',
        { file: this.#file },
        this.lines === 0
          ? 'Drop a file with lines below its header.'
          : expected === 'ranking'
            ? 'Give a rule that some labels fulfil, as “>=4” or “=buy”.'
            : 'Choose another column as label, or give the lines labels.',
      );
    }
    if (expected === 'ranking') return this.#checkRanking();
    const column = columnLabel(
      columns,
      columns.findIndex(({ role }) => role === 'label'),
    );
    const labels = this.#labels.decide(expected, this.#file, column);
    if (labels.task === 'rating') {
      if (this.#options.splitBy === 'stratified') {
        throw new DataError(
          'the labels are ratings: only two labels can be split by their share.',
          { file: this.#file, column },
          'Split by hash or by time.',
        );
      }
      return labels;
    }
    if (labels.task === 'ranking') return labels;
    if (this.#options.splitBy === 'leave-last-out') {
      throw new DataError(
        'the labels are clicks: the last example of every user is held out of ratings, and of logs without labels.',
        { file: this.#file, column },
        'Split by time, by hash or stratified.',
      );
    }
    const strays = this.#labels.others(labels.low, labels.high);
    if (strays.count > 0) {
      const wanted = `${labels.low} or ${labels.high}`;
      const problem = {
        reason: `label in column ${column} is not ${wanted}`,
        detail: `the label is not ${wanted}`,
        column,
        remedy: 'Correct the labels, or choose another label column.',
      };
      this.#skipped.add(problem, strays.firstLine, strays.count);
    }
    return labels;
  }

  #checkRanking(): Labels {
    const { categoryNames } = this.#columns;
    if (categoryNames.length !== 2) {
      throw new DataError(
        `a ranking is of the items of users, and ${categoryNames.length} columns are categories.`,
        { file: this.#file },
        'Give the role “category” to the user and to the item alone.',
      );
    }
    if (this.#options.splitBy === 'stratified') {
      throw new DataError(
        'what happened has one label: only two labels can be split by their share.',
        { file: this.#file },
        'Split by leave-last-out, by time or by hash.',
      );
    }
    return { task: 'ranking' };
  }
}

function describeReading({ dialect, header, columns, labelReading }: Layout, labels: Labels): DataReading {
  const clicks = labels.task === 'click' ? { low: labels.low, high: labels.high } : null;
  return { dialect, hasHeader: header !== null, columns, labelReading, clicks };
}

function readsTimes({ splitBy }: LoadOptions): boolean {
  return splitBy === 'time' || splitBy === 'leave-last-out';
}

function warnOfRepeated(lines: number): DataWarning[] {
  if (lines === 0) return [];
  return [
    {
      kind: 'repeated-pairs',
      column: null,
      message: `${lines.toLocaleString('en')} lines repeat a user and an item: each pair is kept once, as it was first.`,
      remedy: 'Nothing needs to be done: an item that a user knows already is none to recommend.',
    },
  ];
}
