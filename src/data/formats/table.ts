import { parseNumber } from '../cells.ts';
import { DataError } from '../containers/errors.ts';
import { guessRoles } from '../roles.ts';
import type { ColumnRole } from '../source.ts';
import {
  type Dialect,
  type EachRecord,
  isBlank,
  maxColumns,
  RecordParser,
  usesDecimalComma,
} from '../records.ts';
import { type Head, type Layout, uniqueNames } from './layout.ts';

/** The beginning of a delimited file with names in its first line. */
export interface TableHead {
  readonly dialect: Dialect;
  /** Cells of the first line, as they are. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const delimiters = [',', '\t', ';', '|'];

/** Any CSV or TSV with a header; the user gives the roles, or takes the guesses. */
export function tableLayout(head: TableHead, roles: readonly ColumnRole[] | null): Layout {
  const { dialect, rows } = head;
  const { names, warnings } = uniqueNames(head.header);
  const whole = rows.filter((row) => row.length === names.length);
  const given = roles ?? guessRoles(names, whole, usesDecimalComma(dialect));
  return {
    format: 'table',
    dialect,
    header: true,
    columns: names.map((name, i) => ({ name, role: given[i] })),
    labels: 'any',
    warnings,
  };
}

/**
 * Tries every delimiter, with and without quotes, and takes the reading in which most rows have as
 * many cells as the first.
 */
export function readTableHead(head: Head, file: string): TableHead {
  const { newline } = head;
  const readings = (head.statesColumns ? [','] : delimiters)
    .flatMap((delimiter) => [
      { delimiter, newline, quotes: true },
      { delimiter, newline, quotes: false },
    ])
    .map((dialect) => readWith(dialect, head, file))
    .filter(({ records, dialect }) => records[0]?.length > 1 && (dialect.quotes || !head.statesColumns));
  if (readings.length === 0) {
    throw new DataError(
      'no columns were found.',
      { file, line: 1 },
      'Columns must be separated by a comma, TAB, semicolon or |, with their names in the first line.',
    );
  }
  const narrow = readings.filter(({ records }) => records[0].length <= maxColumns);
  if (narrow.length === 0) {
    throw new DataError(
      `the first line has more than ${maxColumns.toLocaleString('en')} columns.`,
      { file, line: 1 },
      'The file must be a table with one example a line and a column for each of its properties: look for missing line breaks, or leave columns out.',
    );
  }
  const best = narrow.reduce((a, b) => (b.regular > a.regular ? b : a));
  return { dialect: best.dialect, header: best.records[0], rows: best.records.slice(1) };
}

/** Added to the share of regular rows of a reading with quotes: one without must be much better to win. */
const quotesBonus = 0.1;

/** Regular: share of rows as wide as the first, then (a tie-break) more columns. */
function readWith(dialect: Dialect, { text, complete }: Head, file: string) {
  const records: string[][] = [];
  let good = 0;
  const collect: EachRecord = (cells, _line, malformed) => {
    if (isBlank(cells)) return;
    records.push(cells);
    if (!malformed && cells.length === records[0].length) good++;
  };
  const parser = new RecordParser(dialect, file);
  parser.push(text, collect);
  if (complete) parser.end(collect);
  const width = records[0]?.length ?? 0;
  const regular = good / records.length + (dialect.quotes ? quotesBonus : 0) + Math.min(width, 1000) * 1e-6;
  return { dialect, records, regular };
}

/** A first line is data, not names, when it holds numbers in most columns that hold only numbers below it. */
export function looksHeaderless({ header, rows, dialect }: TableHead): boolean {
  const comma = usesDecimalComma(dialect);
  const isNumber = (cell: string) => !Number.isNaN(parseNumber(cell, comma));
  const numeric = header.filter((_, i) => rows.every((row) => isNumber(row[i] ?? '')));
  return rows.length > 0 && numeric.length > 0 && numeric.filter(isNumber).length * 2 > numeric.length;
}
