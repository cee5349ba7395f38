import { readCategory } from '../categoryReading.ts';
import type { Layout } from '../formats/layout.ts';
import { readLabel } from '../labelReading.ts';
import { isMissing } from '../missing.ts';
import { RecordParser, trimmed } from '../records.ts';
import { largestLabel, malformedQuotes, repeatedHeader, RowReader } from '../rowReader.ts';
import type { Problem } from '../skipped.ts';
import { parseTime } from '../timeText.ts';
import { applyTransform } from '../transform.ts';
import type { ByteDictionary } from './byteDictionary.ts';
import { CellCache } from './cellCache.ts';
import { readPlainNumber } from './plainNumber.ts';
import { type ByteDialect, endOfRecord, quoteByte, toByteDialect } from './recordEnd.ts';

/** Bytes that begin a marker of a missing value. */
const beginsMarker = new Uint8Array(256);
for (const character of '?.-+#<(\\nNuUmMiI') beginsMarker[character.charCodeAt(0)] = 1;

const log: readonly number[] = Array.from({ length: 1 << 12 }, (_, count) => Math.log(count + 1));

/** No byte of a number: integers alone are plain. */
const noMark = 0;

interface NumberCell {
  readonly column: number;
  readonly markByte: number;
  readonly transform: RowReader['numberCells'][number]['transform'];
}

interface CategoryCell {
  readonly column: number;
  readonly category: RowReader['categoryCells'][number]['category'];
  /** The values of cells that must be looked at as text, as UTF-8. */
  readonly values: CellCache<Uint8Array>;
}

/**
 * Reads records from bytes, one at a time. Cells that are as nearly all cells are never become text; everything else is left to
 * RowReader, which it agrees with to the bit. Holds the last record read.
 */
export class RecordEncoder {
  readonly reader: RowReader;
  label = 0;
  time = 0;
  readonly numbers: Float32Array; // [numericColumns]

  readonly #layout: Layout;
  readonly #dialect: ByteDialect;
  readonly #parser: RecordParser;
  readonly #header: string | null;
  readonly #firstName: Uint8Array | null;
  readonly #ends: Int32Array; // [columns]: where the cells of the record end
  readonly #numberCells: readonly NumberCell[];
  readonly #categoryCells: readonly CategoryCell[];
  readonly #labels: CellCache<number>;
  readonly #labelMarkByte: number;
  readonly #times: CellCache<number>;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(0);
  #start = 0;
  /** Of a record that was read as text; null: #ends tell where they are. */
  #cells: readonly string[] | null = null;

  constructor(layout: Layout, readsTimes: boolean, file: string) {
    const { dialect, columns, header } = layout;
    const reader = new RowReader(layout, readsTimes);
    const asInFile = dialect.trims ? trimmed : (cell: string) => cell;
    this.reader = reader;
    this.numbers = reader.numbers;
    this.#layout = layout;
    this.#dialect = toByteDialect(dialect);
    this.#parser = new RecordParser(dialect, file);
    this.#header = header?.join('\n') ?? null;
    this.#firstName = header === null ? null : this.#encoder.encode(header[0]);
    this.#ends = new Int32Array(columns.length);
    this.#numberCells = reader.numberCells.map(({ column, mark, transform }) => ({
      column,
      markByte: mark.charCodeAt(0),
      transform,
    }));
    this.#categoryCells = reader.categoryCells.map(({ column, category }) => ({
      column,
      category,
      values: new CellCache((cell) => this.#encoder.encode(readCategory(category, asInFile(cell)))),
    }));
    this.#labels = new CellCache((cell) => readLabel(layout.labelReading, asInFile(cell)));
    this.#labelMarkByte = layout.labelReading.kind === 'number' ? layout.labelReading.mark.charCodeAt(0) : 0;
    this.#times = new CellCache((cell) => parseTime(asInFile(cell), reader.dateOrder));
  }

  /** Why the last record cannot be used; null: it can. */
  problem: Problem | null = null;

  /** Reads the record at `start`, of bytes that end with a record; returns where the next one begins. */
  read(bytes: Uint8Array<ArrayBuffer>, start: number): number {
    this.#bytes = bytes;
    this.#start = start;
    const next = this.#findCells(bytes, start);
    if (next > 0 && this.#readCells(bytes, start)) {
      this.#cells = null;
      this.problem = null;
      return next;
    }
    return this.#readText(bytes, start, Math.abs(next));
  }

  /** Lines of the record at [start, next), which was read last: several where line ends are inside quotes. */
  lines(start: number, next: number): number {
    if (this.#cells === null || !this.#dialect.quotes) return 1;
    let lines = 0;
    for (let i = start; i < next; i++) if (this.#bytes[i] === this.#dialect.newline) lines++;
    return Math.max(1, lines);
  }

  /** Codes of the values of the last record, written to `codes` from `at` on. */
  code(dictionaries: readonly ByteDictionary[], codes: Uint32Array, at: number): void {
    const cells = this.#categoryCells;
    if (this.#cells !== null) {
      const values = this.reader.readCategories(this.#cells);
      for (let f = 0; f < values.length; f++) {
        const value = this.#encoder.encode(values[f]);
        codes[at + f] = dictionaries[f].code(value, 0, value.length);
      }
      return;
    }
    const bytes = this.#bytes;
    for (let f = 0; f < cells.length; f++) {
      const { column, category, values } = cells[f];
      const start = this.#startOf(column);
      const end = this.#ends[column];
      if (this.#isPlain(category, bytes, start, end)) codes[at + f] = dictionaries[f].code(bytes, start, end);
      else {
        const value = values.of(bytes, start, end);
        codes[at + f] = dictionaries[f].code(value, 0, value.length);
      }
    }
  }

  #startOf(column: number): number {
    return column === 0 ? this.#start : this.#ends[column - 1] + this.#dialect.delimiter.length;
  }

  /** True: the cell is the value. */
  #isPlain(category: CategoryCell['category'], bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end) return typeof category === 'string' && category !== 'last-two';
    if (category === 'verbatim' && !this.#dialect.trims) return true;
    const first = bytes[start];
    const last = bytes[end - 1];
    if (first <= 32 || first > 126 || last <= 32 || last > 126) return false;
    if (category === 'verbatim') return true;
    if (beginsMarker[first] === 1 || (category !== 'value' && category !== 'integer')) return false;
    return category === 'value' || last !== 48 || bytes[end - 2] !== 46;
  }

  /** Where the next record begins, once #ends are known; negative: the record must be read as text. */
  #findCells(bytes: Uint8Array, start: number): number {
    const { delimiter, newline, quotes } = this.#dialect;
    const width = delimiter.length;
    const first = delimiter[0];
    const second = width === 2 ? delimiter[1] : -1;
    const quote = quotes ? quoteByte : -1;
    const highest = Math.max(first, newline, quote);
    const ends = this.#ends;
    const columns = ends.length;
    const length = bytes.length;
    let cells = 0;
    let at = start;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (byte > highest) continue;
      if (byte === newline) break;
      if (byte === first && (width === 1 || bytes[at + 1] === second)) {
        if (cells === columns) break;
        ends[cells++] = at;
        at += width - 1;
      } else if (byte === quote) {
        return -endOfRecord(bytes, start, length, this.#dialect, false);
      }
    }
    if (cells === columns - 1 && width <= 2 && first !== 32) {
      ends[cells] = newline === 10 && at > start && bytes[at - 1] === 13 ? at - 1 : at;
      return Math.min(length, at + 1);
    }
    while (at < length && bytes[at] !== newline) {
      if (bytes[at] === quote) return -endOfRecord(bytes, start, length, this.#dialect, false);
      at++;
    }
    return -Math.min(length, at + 1);
  }

  #readLabel(bytes: Uint8Array, column: number): number {
    const [start, end] = [this.#startOf(column), this.#ends[column]];
    const plain = this.#labelMarkByte > 0 ? readPlainNumber(bytes, start, end, this.#labelMarkByte) : NaN;
    return Number.isNaN(plain) ? this.#labels.of(bytes, start, end) : plain;
  }

  /** Label, time and numbers; false: not all of them are plain and good. */
  #readCells(bytes: Uint8Array, start: number): boolean {
    if (this.#firstName !== null && this.#beginsAsHeader(bytes, start)) return false;
    const { reader } = this;
    const label = reader.labelColumn === -1 ? 1 : this.#readLabel(bytes, reader.labelColumn);
    if (!(Math.abs(label) <= largestLabel)) return false;
    if (this.#layout.labels === 'click' && label !== 0 && label !== 1) return false;
    if (this.#layout.labels === 'ranking' && label === 0) return false;
    this.label = label;
    if (reader.timeColumn >= 0 && !this.#readTime(bytes, reader.timeColumn)) return false;
    for (let i = 0; i < this.#numberCells.length; i++) {
      const { column, markByte, transform } = this.#numberCells[i];
      const from = this.#startOf(column);
      const end = this.#ends[column];
      if (from === end) {
        this.numbers[i] = 0;
        continue;
      }
      const value = readPlainNumber(bytes, from, end, markByte);
      if (Number.isNaN(value)) {
        if (!isMissing(this.#decoder.decode(bytes.subarray(from, end)))) return false;
        this.numbers[i] = 0;
      } else if (transform.kind === 'log' && value < log.length) {
        const known = value > 0 ? log[value] : 0;
        this.numbers[i] = known ?? applyTransform(transform, value);
      } else this.numbers[i] = applyTransform(transform, value);
    }
    return true;
  }

  #readTime(bytes: Uint8Array, column: number): boolean {
    const start = this.#startOf(column);
    const end = this.#ends[column];
    const value = readPlainNumber(bytes, start, end, noMark);
    this.time = Number.isNaN(value) ? this.#times.of(bytes, start, end) : value;
    return !Number.isNaN(this.time);
  }

  #beginsAsHeader(bytes: Uint8Array, start: number): boolean {
    const name = this.#firstName!;
    if (this.#ends[0] - start < name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  #readText(bytes: Uint8Array, start: number, next: number): number {
    const { reader } = this;
    const read = (cells: string[], _line: number, malformed: boolean) => {
      this.#cells = cells;
      this.problem = malformed
        ? malformedQuotes
        : this.#isHeader(cells)
          ? repeatedHeader
          : reader.read(cells);
    };
    const end = bytes[next - 1] === this.#dialect.newline ? next - 1 : next;
    const text = this.#decoder.decode(bytes.subarray(start, end));
    if (text === '') read([''], 0, false);
    this.#parser.push(text, read);
    this.#parser.end(read);
    this.label = reader.label;
    this.time = reader.time;
    return next;
  }

  #isHeader(cells: readonly string[]): boolean {
    const { header } = this.#layout;
    return header !== null && cells[0] === header[0] && cells.join('\n') === this.#header;
  }
}
