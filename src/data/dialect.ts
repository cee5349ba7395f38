import { DataError } from './containers/errors.ts';
import type { Head } from './formats/layout.ts';
import { ownCopy } from './ownCopy.ts';
import { parseNumber } from './numberText.ts';
import { type Dialect, type EachRecord, isBlank, maxColumns, RecordParser } from './records.ts';

/** How a delimited file is laid out, from its beginning. */
export interface TableShape {
  readonly dialect: Dialect;
  /** Cells of the line with names, as they are; null: there is none. */
  readonly header: readonly string[] | null;
  /** 1-based line of the header, or of the first example. */
  readonly firstLine: number;
  /** What stands above it: titles, metadata, comments. */
  readonly preamble: readonly string[];
  /** Cells of a regular line. */
  readonly width: number;
  /** Examples at the beginning of the file. */
  readonly rows: readonly (readonly string[])[];
}

interface LocatedRecord {
  readonly cells: readonly string[];
  readonly line: number;
  readonly malformed: boolean;
}

/** Added to the share of regular lines of a reading. */
const quotesBonus = 0.1;
const backslashBonus = quotesBonus - 0.001;
/** Blanks are between words too. */
const blanksBonus = -0.3;
/** Lines above a header that are looked at. */
const longestPreamble = 50;
const nearlyAllShare = 0.9;

/** Tries every dialect and takes the one in which most lines have the same number of cells. Throws DataError. */
export function findTableShape(head: Head, file: string): TableShape {
  if (head.statesColumns) return statedShape(head, file);
  const separator = /^"?sep=(.|\\t)"?[ ;,\t]*(?:[\r\n]|$)/i.exec(head.text)?.[1].replace('\\t', '\t');
  const readings = (separator ? [separator] : [',', '\t', ';', '|', '::', ' '])
    .flatMap((delimiter) => dialectsOf(delimiter, head))
    .flatMap(({ dialect, bonus }) => {
      const records = readRecords(head, dialect, file).filter(
        ({ line }) => separator === undefined || line > 1,
      );
      const shape = shapeOf(records, dialect);
      return shape ? [{ shape, score: scoreOf(shape, records) + bonus }] : [];
    });
  if (readings.length === 0) {
    throw new DataError(
      'no columns were found.',
      { file, line: 1 },
      'Columns must be separated by a comma, TAB, semicolon, |, :: or blanks, with their names in the first line.',
    );
  }
  const { shape } = readings.reduce((a, b) => (b.score > a.score ? b : a));
  if (shape.width > maxColumns) {
    throw new DataError(
      `the first line has more than ${maxColumns.toLocaleString('en')} columns.`,
      { file, line: shape.firstLine },
      'The file must be a table with one example a line and a column for each of its properties: look for missing line breaks, or leave columns out.',
    );
  }
  return shape;
}

/** Parquet and JSON say themselves which columns they have: the first line of the text. */
function statedShape(head: Head, file: string): TableShape {
  const dialect = { delimiter: ',', newline: head.newline, quotes: true, backslash: false, trims: true };
  const [header, ...rows] = readRecords(head, dialect, file).map(({ cells }) => cells);
  return { dialect, header, firstLine: 1, preamble: [], width: header.length, rows };
}

function dialectsOf(delimiter: string, { text, newline }: Head) {
  const dialect = { delimiter, newline, quotes: false, backslash: false, trims: true };
  const plain = { dialect, bonus: delimiter === ' ' ? blanksBonus : 0 };
  if (delimiter === ' ' || delimiter === '::') return [plain];
  const quoted = { dialect: { ...dialect, quotes: true }, bonus: quotesBonus };
  if (!text.includes('\\"')) return [quoted, plain];
  return [quoted, { dialect: { ...quoted.dialect, backslash: true }, bonus: backslashBonus }, plain];
}

function readRecords({ text, complete }: Head, dialect: Dialect, file: string): LocatedRecord[] {
  const records: LocatedRecord[] = [];
  const collect: EachRecord = (cells, line, malformed) => {
    if (!isBlank(cells)) records.push({ cells, line, malformed });
  };
  const parser = new RecordParser(dialect, file);
  parser.push(text, collect);
  if (complete) parser.end(collect);
  return records;
}

/** null: there are no columns. */
function shapeOf(records: readonly LocatedRecord[], dialect: Dialect): TableShape | null {
  const usual = usualWidth(records);
  if (usual === 0) return null;
  const at = findFirst(records, usual);
  const { cells, line } = records[at];
  const below = records.slice(at + 1).map((record) => record.cells);
  const width = Math.max(cells.length, cells.length === usual - 1 ? usual : 0);
  const named = cells.length === width ? cells : padHeader(cells, below, width);
  const isData = looksLikeData(named, below);
  return {
    dialect,
    header: isData ? null : named.map((cell, i) => ownCopy(i === 0 ? cell.replace(/^#\s*/, '') : cell)),
    firstLine: line,
    preamble: records.slice(0, at).map((record) => record.cells.join(dialect.delimiter)),
    width,
    rows: isData ? [named, ...below] : below,
  };
}

/** The width of most lines with several cells; 0: there are none. */
function usualWidth(records: readonly LocatedRecord[]): number {
  const counts = new Map<number, number>();
  for (const { cells, malformed } of records) {
    if (cells.length > 1 && !malformed) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  }
  let usual = 0;
  for (const [width, count] of counts) {
    const most = counts.get(usual) ?? 0;
    if (count > most || (count === most && width > usual)) usual = width;
  }
  return usual;
}

/** The record that holds the names, or the first example. */
function findFirst(records: readonly LocatedRecord[], usual: number): number {
  const first = records[0].cells;
  if (first.length >= usual || isShortHeader(first, records, usual)) return 0;
  const at = records.findIndex(({ cells, malformed }) => cells.length === usual && !malformed);
  if (at > longestPreamble) return 0;
  // Names that are too few are better than an example in their place.
  const below = records.slice(at + 1).map(({ cells }) => cells);
  return first.length > 1 && !first[0].startsWith('#') && looksLikeData(records[at].cells, below) ? 0 : at;
}

/** One name too few: the lines end with a separator, or begin with their number, as R writes them. */
function isShortHeader(first: readonly string[], records: readonly LocatedRecord[], usual: number): boolean {
  if (first.length !== usual - 1) return false;
  const rows = records.filter(({ cells }) => cells.length === usual).map(({ cells }) => cells);
  return endsEmpty(rows) || beginsWithNumber(rows);
}

const endsEmpty = (rows: readonly (readonly string[])[]) =>
  rows.filter((cells) => cells.at(-1) === '').length >= nearlyAllShare * rows.length;
const beginsWithNumber = (rows: readonly (readonly string[])[]) =>
  rows.every(([cell], i) => Number(cell) === Number(rows[0][0]) + i);

function padHeader(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const whole = rows.filter((cells) => cells.length === width);
  return !endsEmpty(whole) && beginsWithNumber(whole) ? ['', ...header] : [...header, ''];
}

/** A first line is data, not names, when it holds numbers in most columns that hold only numbers below it. */
function looksLikeData(header: readonly string[], rows: readonly (readonly string[])[]): boolean {
  if (rows.length === 0 || isPandasIndex(header)) return false;
  const whole = rows.filter((row) => row.length === header.length);
  const numeric = header.filter((_, i) => whole.length > 0 && whole.every((row) => isNumber(row[i])));
  return numeric.length > 0 && numeric.filter(isNumber).length * 2 > numeric.length;
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(parseNumber(cell, '.')) || !Number.isNaN(parseNumber(cell, ','));
}

/** `,0,1,2`: columns that were never named. */
function isPandasIndex(header: readonly string[]): boolean {
  const names = header[0] === '' ? header.slice(1) : header;
  const least = header[0] === '' ? 2 : 4;
  return names.length >= least && names.every((name, i) => name === String(i));
}

/** Share of regular lines, then (a tie-break) more columns. */
function scoreOf({ width, header }: TableShape, records: readonly LocatedRecord[]): number {
  const good = records.filter(({ cells, malformed }) => !malformed && cells.length === width).length;
  const isNamed = header?.length === width ? 0.01 : 0;
  return good / records.length + isNamed + Math.min(width, 1000) * 1e-6;
}
