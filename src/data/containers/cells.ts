/** What the cells of a column of a Parquet or JSON file are. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'list' | 'nested';

/** A column of a file that says itself which columns it has. Parts of a structure are named `structure.part`. */
export interface TypedColumn {
  readonly name: string;
  /** list: scalars as a|b|c. nested: anything deeper, as JSON. */
  readonly type: ColumnType;
}

/** Between the values of a cell that holds a list. */
const listSeparator = '|';

/**
 * A value as the text of a cell: null is empty, lists of scalars are a|b|c (without nulls; a | inside is %7C), deeper ones are JSON.
 */
export function toCell(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value)
        ? String(value)
        : Number.isNaN(value)
          ? 'NaN'
          : value > 0
            ? 'inf'
            : '-inf';
    case 'object':
      if (value === null) return '';
      if (isScalarList(value)) return joinList(value.map(toCell));
      return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
    case 'undefined':
      return '';
    default:
      return String(value);
  }
}

export function joinList(cells: readonly string[]): string {
  return cells
    .filter((cell) => cell !== '')
    .map((cell) => cell.replaceAll(listSeparator, '%7C'))
    .join(listSeparator);
}

export function isScalarList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object');
}

/** A line of CSV as RFC 4180 writes it, with its line feed. */
export function toCsvLine(cells: readonly string[]): string {
  // A line of one empty cell would be a blank line.
  if (cells.length === 1 && cells[0] === '') return '""\n';
  let line = '';
  for (let i = 0; i < cells.length; i++) line += i === 0 ? quote(cells[i]) : `,${quote(cells[i])}`;
  return `${line}\n`;
}

function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
