import { DataError, quote } from './containers/errors.ts';
import { findTableShape, type TableShape } from './dialect.ts';
import { knownLines, type Head, type Layout } from './formats/layout.ts';
import { nameColumns } from './formats/table.ts';
import type { DataReading, ReadColumn } from './reading.ts';
import { RecordParser } from './records.ts';

const SHOWN_NAMES = 12;

/** How another file is read as the one of a DataReading. */
export interface PlacedColumns {
  /** Without a label: lines that have none are read too. */
  readonly layout: Layout;
  /** −1: the file has no label. */
  readonly labelColumn: number;
}

type Shape = Pick<TableShape, 'dialect' | 'header' | 'firstLine' | 'width'>;

/**
 * Finds the columns of a reading in a file: by their names where both files have names, whatever their order and whatever else is
 * there, otherwise by their place. Only the label may be missing. Throws DataError, which names the columns that are not there.
 */
export function placeColumns(reading: DataReading, head: Head, file: string): PlacedColumns {
  if (!reading.hasHeader && !head.statesColumns) {
    const dialect = { ...reading.dialect, newline: head.newline };
    const width = usualWidth(head, dialect, file);
    const placed = byPlace(reading, { dialect, header: null, firstLine: 1, width });
    if (placed) return placed;
  }
  const shape = findTableShape(head, file);
  if (shape.header) return byName(reading, shape, file);
  const placed = byPlace(reading, shape);
  if (placed) return placed;
  throw new DataError(
    `the file has ${shape.width} columns, and the model was trained on ${reading.columns.length}.`,
    { file, line: shape.firstLine },
    'Give a file with the same columns in the same order, with or without the label, or one whose first line names them.',
  );
}

/** undefined: the file has another number of columns. */
function byPlace({ columns }: DataReading, shape: Shape): PlacedColumns | undefined {
  const label = columns.findIndex(({ role }) => role === 'label');
  if (shape.width === columns.length) return placed(columns, shape, label);
  if (shape.width !== columns.length - 1 || label === -1) return undefined;
  return placed(columns.toSpliced(label, 1), shape, -1);
}

function byName({ columns }: DataReading, shape: Shape, file: string): PlacedColumns {
  const { names } = nameColumns(shape);
  const known = new Map(columns.map((column) => [column.name, column]));
  const missing = columns.filter((column) => isRead(column) && !names.includes(column.name));
  if (missing.length > 0) {
    const few = missing.slice(0, SHOWN_NAMES).map(({ name }) => quote(name));
    const listed = few.join(', ') + (missing.length > SHOWN_NAMES ? ' …' : '');
    throw new DataError(
      `${missing.length === 1 ? 'a column' : 'columns'} that the model was trained on ${missing.length === 1 ? 'is' : 'are'} missing: ${listed}.`,
      { file, line: shape.firstLine },
      'Give a file that has these columns, under these names.',
    );
  }
  const own = names.map((name) => known.get(name) ?? { name, role: 'ignore' as const });
  return placed(
    own,
    shape,
    own.findIndex(({ role }) => role === 'label'),
  );
}

/** Whether the model sees something of the column. */
function isRead({ role, derived }: ReadColumn): boolean {
  return role === 'number' || role === 'category' || derived !== undefined;
}

function placed(columns: readonly ReadColumn[], shape: Shape, labelColumn: number): PlacedColumns {
  const { dialect, header, firstLine } = shape;
  const own = columns.map((column, i) =>
    i === labelColumn ? { ...column, role: 'ignore' as const } : column,
  );
  return {
    layout: { ...knownLines, format: 'table', dialect, header, firstLine, columns: own, labels: 'any' },
    labelColumn,
  };
}

/** The number of cells that most of the first lines have. */
function usualWidth({ text, complete }: Head, dialect: Shape['dialect'], file: string): number {
  const times = new Map<number, number>();
  const add = ({ length }: readonly string[]): void => void times.set(length, (times.get(length) ?? 0) + 1);
  const parser = new RecordParser(dialect, file);
  parser.push(text, add);
  if (complete) parser.end(add);
  return [...times].reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0])[0];
}
