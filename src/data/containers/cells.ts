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
      return JSON.stringify(value, (_key, part: unknown) =>
        typeof part === 'bigint' ? toJsonNumber(part) : part,
      );
    case 'undefined':
      return '';
    default:
      return String(value);
  }
}

/** As text where a double would round it. */
function toJsonNumber(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
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

/** Lines of CSV as RFC 4180 writes them, each with its line feed. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const lines: string[] = [];
  for (const cells of rows) {
    const quoted: string[] = [];
    for (const cell of cells) quoted.push(needsQuotes(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    // A line of one empty cell would be a blank line.
    lines.push(quoted.length === 1 && quoted[0] === '' ? '""' : quoted.join(','));
  }
  lines.push('');
  return lines.join('\n');
}

function needsQuotes(cell: string): boolean {
  const { length } = cell;
  if (length === 0) return false;
  if (cell.charCodeAt(0) <= 32 || cell.charCodeAt(length - 1) <= 32) return true;
  for (let i = 0; i < length; i++) {
    const code = cell.charCodeAt(i);
    if (code === 34 || code === 44 || code === 10 || code === 13 || code === 0xfeff) return true;
  }
  return false;
}
