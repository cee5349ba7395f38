import { openContent } from './containers/content.ts';
import { DataError } from './containers/errors.ts';
import { Pace } from './containers/pace.ts';
import type { Dataset, Field, SkippedLines, ValueNames } from './dataset.ts';
import { readLabel } from './labelReading.ts';
import { type PlacedColumns, placeColumns } from './placeColumns.ts';
import type { DataReading } from './reading.ts';
import { RecordParser } from './records.ts';
import { malformedQuotes, repeatedHeader, RowReader } from './rowReader.ts';
import { SkippedCounter } from './skipped.ts';
import { isKnownFormat, readHead } from './sniff.ts';
import type { DataSource, LoadOptions } from './source.ts';
import { ValueIndex } from './valueIndex.ts';

/** What a model knows of the data that it was trained on. */
export interface KnownEncoding {
  readonly reading: DataReading;
  readonly fields: readonly (Pick<Field, 'name' | 'rareId'> & { readonly names: ValueNames })[];
  readonly numericColumns: Dataset['numericColumns'];
}

/** Lines of a file, one after the other, as the model sees them. The arrays are those of the next lines too. */
export interface EncodedLines {
  readonly count: number;
  readonly ids: Uint32Array; // [lines, fields]
  readonly numbers: Float32Array; // [lines, numericColumns]
  /** What training would have learnt from; NaN: the line has no label. */
  readonly labels: Float32Array; // [lines]
  /** How many values of the line have no row of their own: training saw them too seldom, or never. */
  readonly unseen: Uint16Array; // [lines]
  /** 1-based, as an editor counts. */
  readonly lines: Float64Array; // [lines]
}

export interface LinesReport {
  /** Without header. */
  readonly linesRead: number;
  /** Lines left out, by reason. */
  readonly refused: readonly SkippedLines[];
  readonly hasLabel: boolean;
}

export interface EncodeLinesOptions extends Pick<LoadOptions, 'encoding' | 'entry'> {
  /** Lines that are handed over together, at most. */
  readonly chunk: number;
  readonly onProgress?: (bytesRead: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file of any container with the columns, transforms and values of another, in its order and in bounded memory: a chunk and
 * what the container holds. Returns what was left out. Throws DataError, and the signal's reason when aborted.
 */
export async function* encodeLines(
  source: DataSource,
  known: KnownEncoding,
  { chunk, encoding, entry, onProgress, signal }: EncodeLinesOptions,
): AsyncGenerator<EncodedLines, LinesReport, void> {
  const content = await openContent(source, { encoding, entry, recognises: isKnownFormat }, signal);
  try {
    const { head, taken } = await readHead(content, source.name);
    const placed = placeColumns(known.reading, head, source.name);
    const encoder = new LineEncoder(known, placed, chunk, source.name);
    const pace = new Pace(signal);
    for (let piece = taken.shift(); piece; piece = taken.shift()) {
      yield* encoder.push(piece.text);
      await pace.pause();
    }
    for await (const { text, bytes } of content.pieces) {
      yield* encoder.push(text);
      onProgress?.(bytes);
      await pace.pause();
    }
    yield* encoder.end();
    return encoder.report();
  } finally {
    await content.close();
  }
}

class LineEncoder {
  readonly #known: KnownEncoding;
  readonly #placed: PlacedColumns;
  readonly #file: string;
  readonly #parser: RecordParser;
  readonly #reader: RowReader;
  readonly #refused: SkippedCounter;
  readonly #header: string | null;
  readonly #indices: readonly ValueIndex[];
  /** Where the reader has the value of each field, and the number of each column. */
  readonly #valueOf: readonly number[];
  readonly #numberOf: readonly number[];
  readonly #chunk: EncodedLines;
  /** Records whose text has come, and which are not encoded yet. */
  readonly #records: {
    readonly cells: readonly string[];
    readonly line: number;
    readonly malformed: boolean;
  }[] = [];
  #count = 0;
  #linesRead = 0;
  #refusedLines = 0;

  constructor(known: KnownEncoding, placed: PlacedColumns, chunk: number, file: string) {
    const { fields, numericColumns } = known;
    const { layout } = placed;
    this.#known = known;
    this.#placed = placed;
    this.#file = file;
    this.#parser = new RecordParser(layout.dialect, file);
    // What the model does not see must not refuse a line.
    const seen = new Set(numericColumns.map(({ name }) => name));
    const columns = layout.columns.map((column) =>
      column.role === 'number' && !seen.has(column.name) ? { ...column, role: 'ignore' as const } : column,
    );
    this.#reader = new RowReader({ ...layout, columns }, false);
    this.#refused = new SkippedCounter(file);
    this.#header = layout.header?.join('\n') ?? null;
    this.#indices = fields.map(({ names, rareId }) => new ValueIndex(names, rareId));
    this.#valueOf = fields.map(({ name }) => this.#reader.categoryNames.indexOf(name));
    const numbers = this.#reader.numericColumns.map(({ name }) => name);
    this.#numberOf = numericColumns.map(({ name }) => numbers.indexOf(name));
    this.#chunk = {
      count: 0,
      ids: new Uint32Array(chunk * fields.length),
      numbers: new Float32Array(chunk * numericColumns.length),
      labels: new Float32Array(chunk),
      unseen: new Uint16Array(chunk),
      lines: new Float64Array(chunk),
    };
  }

  /** The next piece of text, which may end within a line. */
  *push(text: string): Generator<EncodedLines> {
    this.#parser.push(text, this.#keep);
    yield* this.#encode();
  }

  *end(): Generator<EncodedLines> {
    this.#parser.end(this.#keep);
    yield* this.#encode();
    if (this.#count > 0) yield* this.#handOver();
  }

  /** Throws DataError where no line could be read. */
  report(): LinesReport {
    if (this.#linesRead === 0)
      throw new DataError(
        'the file holds no lines of data.',
        { file: this.#file },
        'Give a file with lines.',
      );
    if (this.#refusedLines === this.#linesRead) this.#refused.check(this.#linesRead);
    return {
      linesRead: this.#linesRead,
      refused: this.#refused.list(),
      hasLabel: this.#placed.labelColumn >= 0,
    };
  }

  readonly #keep = (cells: readonly string[], line: number, malformed: boolean): void => {
    const { firstLine } = this.#placed.layout;
    if (line < firstLine || (line === firstLine && this.#header !== null)) return;
    this.#records.push({ cells, line, malformed });
  };

  *#encode(): Generator<EncodedLines> {
    const { labels } = this.#chunk;
    for (const { cells, line, malformed } of this.#records) {
      this.#linesRead++;
      const repeats = this.#header !== null && cells.join('\n') === this.#header;
      const problem = malformed ? malformedQuotes : repeats ? repeatedHeader : this.#reader.read(cells);
      if (problem) {
        this.#refused.add(problem, line);
        this.#refusedLines++;
        continue;
      }
      this.#write(cells, line);
      if (++this.#count === labels.length) yield* this.#handOver();
    }
    this.#records.length = 0;
  }

  *#handOver(): Generator<EncodedLines> {
    yield { ...this.#chunk, count: this.#count };
    this.#count = 0;
  }

  #write(cells: readonly string[], line: number): void {
    const { ids, numbers, labels, unseen, lines } = this.#chunk;
    const { fields, numericColumns } = this.#known;
    const at = this.#count;
    const values = this.#reader.readCategories(cells);
    unseen[at] = 0;
    for (let f = 0; f < fields.length; f++) {
      const id = this.#indices[f].find(values[this.#valueOf[f]]);
      ids[at * fields.length + f] = id;
      if (id === fields[f].rareId) unseen[at]++;
    }
    for (let c = 0; c < numericColumns.length; c++)
      numbers[at * numericColumns.length + c] = this.#reader.numbers[this.#numberOf[c]];
    labels[at] = this.#labelOf(cells);
    lines[at] = line;
  }

  #labelOf(cells: readonly string[]): number {
    const { labelColumn } = this.#placed;
    const { labelReading, clicks } = this.#known.reading;
    const label = labelColumn === -1 ? NaN : readLabel(labelReading, cells[labelColumn]);
    if (!clicks) return label;
    return label === clicks.high ? 1 : label === clicks.low ? 0 : NaN;
  }
}
