import { checkRoles } from './roles.ts';
import type { LoadReport } from './dataset.ts';
import { Dictionary } from './exampleStore.ts';
import type { EncodedDataset } from './encodeDataset.ts';
import { checkDataset } from './dataWarnings.ts';
import { DataError } from './containers/errors.ts';
import { type CollectedSize, ExampleCollector } from './exampleCollector.ts';
import type { Steps } from './containers/pace.ts';
import { columnLabel, type Layout } from './formats/layout.ts';
import { type Labels, LabelTally } from './labels.ts';
import type { DataReading } from './reading.ts';
import type { LoadOptions } from './source.ts';
import { type EachRecord, RecordParser } from './records.ts';
import { malformedQuotes, repeatedHeader, RowReader } from './rowReader.ts';
import { SkippedCounter } from './skipped.ts';

const defaultMinCount = { click: 2, rating: 1 };

/** Turns the text of one file into a data set, piece by piece. All methods throw DataError. */
export class FileLoader {
  /** Data lines so far: the header is not one. */
  lines = 0;

  readonly #layout: Layout;
  readonly #options: LoadOptions;
  readonly #file: string;
  readonly #parser: RecordParser;
  readonly #reader: RowReader;
  readonly #collector: ExampleCollector;
  readonly #skipped: SkippedCounter;
  readonly #labels = new LabelTally();
  /** As one text; null: there is none. */
  readonly #header: string | null;

  constructor(layout: Layout, options: LoadOptions, file: string) {
    checkRoles(layout, options, file);
    this.#layout = layout;
    this.#options = options;
    this.#file = file;
    this.#parser = new RecordParser(layout.dialect, file);
    this.#reader = new RowReader(layout, options.splitBy === 'time');
    const { categoryNames, numericColumns } = this.#reader;
    this.#collector = new ExampleCollector(categoryNames, numericColumns, options.maxExamples);
    this.#skipped = new SkippedCounter(file);
    this.#header = layout.header?.join('\n') ?? null;
  }

  /** The next piece of the file; it may end within a line. */
  push(text: string): void {
    this.#parser.push(text, this.#read);
    this.#skipped.checkEarly(this.lines);
    const { field, values } = this.#collector.largest;
    if (values > Dictionary.maxSize) {
      throw new DataError(
        `the column has more than ${Dictionary.maxSize.toLocaleString('en')} different values.`,
        { file: this.#file, column: field },
        'Lower the row limit, or give this column the role “ignore”.',
      );
    }
  }

  /** What the lines so far take. */
  get size(): CollectedSize {
    return this.#collector.size;
  }

  *finish(): Steps<{
    readonly dataset: EncodedDataset;
    readonly report: Omit<LoadReport, 'bytesRead' | 'elapsedMs'>;
  }> {
    this.#parser.end(this.#read);
    this.#skipped.check(this.lines);
    const labels = this.#decideLabels();
    const minCount = Math.max(1, this.#options.minCount ?? defaultMinCount[labels.task]);
    const { splitBy } = this.#options;
    const { format } = this.#layout;
    const encoded = yield* this.#collector.encode(
      { name: this.#file, format, task: labels.task, minCount, splitBy, keepNames: this.#options.keepNames },
      labels.task === 'click'
        ? (label) => (label === labels.high ? 1 : label === labels.low ? 0 : NaN)
        : undefined,
    );
    const dataset = { ...encoded, reading: describeReading(this.#layout, labels) };
    const skipped = this.#skipped.list();
    const { sampled } = this.#collector;
    const hasTime = this.#layout.columns.some(({ role }) => role === 'time');
    const warnings = [...this.#layout.warnings, ...(yield* checkDataset(dataset, hasTime, splitBy))];
    return { dataset, report: { linesRead: this.lines, skipped, warnings, sampled, minCount, splitBy } };
  }

  readonly #read: EachRecord = (cells, line, malformed) => {
    const { firstLine } = this.#layout;
    if (line < firstLine || (line === firstLine && this.#header !== null)) return;
    const dataLine = this.lines++;
    const reader = this.#reader;
    const problem = malformed
      ? malformedQuotes
      : this.#repeatsHeader(cells)
        ? repeatedHeader
        : reader.read(cells);
    if (problem) {
      this.#skipped.add(problem, line);
      return;
    }
    this.#labels.add(reader.label, line);
    const slot = this.#collector.add(dataLine, reader.time, reader.label, reader.numbers);
    if (slot >= 0) this.#collector.setCategories(slot, reader.readCategories(cells));
  };

  #repeatsHeader(cells: readonly string[]): boolean {
    const { header } = this.#layout;
    return header !== null && cells[0] === header[0] && cells.join('\n') === this.#header;
  }

  #decideLabels(): Labels {
    const { columns, labels: expected } = this.#layout;
    if (this.#labels.total === 0) {
      throw new DataError(
        this.lines === 0 ? 'the file holds no lines of data.' : 'no line has a label.',
        { file: this.#file },
        this.lines === 0
          ? 'Drop a file with lines below its header.'
          : 'Choose another column as label, or give the lines labels.',
      );
    }
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
}

function describeReading({ dialect, header, columns, labelReading }: Layout, labels: Labels): DataReading {
  const clicks = labels.task === 'click' ? { low: labels.low, high: labels.high } : null;
  return { dialect, hasHeader: header !== null, columns, labelReading, clicks };
}
