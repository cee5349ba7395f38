import type { CategoryReading } from '../categoryReading.ts';
import type { DataWarning, FormatId, Task } from '../dataset.ts';
import type { LabelReading } from '../labelReading.ts';
import type { DecimalMark } from '../numberText.ts';
import type { ColumnRole } from '../source.ts';
import type { Dialect } from '../records.ts';
import type { DateOrder } from '../timeText.ts';
import type { Transform } from '../transform.ts';

/** What the loader must know to read a file: a format is this value and a way to recognise it. */
export interface Layout {
  readonly format: FormatId;
  readonly dialect: Dialect;
  /** 1-based; the lines above it are left out. */
  readonly firstLine: number;
  /** Cells of the first line, which holds names; null: it is an example. */
  readonly header: readonly string[] | null;
  readonly columns: readonly Column[];
  /**
   * 'any': two values are clicks, more are ratings, decided when all have been seen. 'ranking': lines without a label are examples,
   * or those whose label is read as 1; the two categories are the user and the item.
   */
  readonly labels: Task | 'any';
  readonly labelReading: LabelReading;
  readonly warnings: readonly DataWarning[];
}

/** Of the formats that are known by their lines. */
export const knownLines = {
  firstLine: 1,
  header: null,
  labelReading: { kind: 'number', mark: '.', words: false },
  warnings: [],
} as const;

export function plainDialect(delimiter: string, newline: Newline): Dialect {
  return { delimiter, newline, quotes: false, backslash: false, trims: false };
}

export interface Column {
  readonly name: string;
  readonly role: ColumnRole;
  /** Default: a point. */
  readonly mark?: DecimalMark;
  /** Of a time. Default: the day first. */
  readonly dateOrder?: DateOrder;
  /** Of a number. Default: log(max(x, 0) + 1), as DLRM does. */
  readonly transform?: Transform;
  /** Of a category: what a cell stands for. Default: itself. */
  readonly category?: CategoryReading;
  /** Of a category whose cells are lists: the fields in its place. Default: null, a cell is one value. */
  readonly parts?: readonly CellField[] | null;
  /** A further category made from the same cell. */
  readonly derived?: CellField;
}

/** A field, and what a cell of its column stands for. */
export interface CellField {
  readonly name: string;
  readonly category: CategoryReading;
}

/** The fields of an example, and the columns whose cells they are made of: categories in file order, then derived ones. */
export function fieldsOf(columns: readonly Column[]): readonly (CellField & { readonly column: number })[] {
  const own = ({ name, category = 'verbatim', parts }: Column) => parts ?? [{ name, category }];
  return [
    ...columns.flatMap((column, i) =>
      column.role === 'category'
        ? own(column).map(({ name, category }) => ({ name, category, column: i }))
        : [],
    ),
    ...columns.flatMap(({ derived }, i) =>
      derived ? [{ name: derived.name, category: derived.category, column: i }] : [],
    ),
  ];
}

/** Names for messages: `3 (I2)`. */
export function columnLabel(columns: readonly Column[], index: number): string {
  return `${index + 1} (${columns[index].name})`;
}

export type Newline = Dialect['newline'];

/** The beginning of a file. Complete: it is the whole file; otherwise the last line may be torn. */
export interface Head {
  readonly text: string;
  readonly complete: boolean;
  readonly newline: Newline;
  /** The file states its columns itself (Parquet, JSON): the text is CSV with a header, made for this. */
  readonly statesColumns: boolean;
}

/** True: more than half of the first lines look like a format. Real files have bad lines anywhere. */
export function mostLines<Line>(lines: readonly Line[], looksRight: (line: Line) => boolean): boolean {
  return lines.length > 0 && lines.filter(looksRight).length * 2 > lines.length;
}

/** The cells of a header as names that differ, and a warning for each that did not. */
export function uniqueNames(header: readonly string[]): {
  readonly names: readonly string[];
  readonly warnings: readonly DataWarning[];
} {
  const given = header.map((cell, i) => cell.trim() || `column ${i + 1}`);
  const taken = new Set(given);
  const times = new Map<string, number>();
  const names = given.map((name) => {
    let count = (times.get(name) ?? 0) + 1;
    while (count > 1 && taken.has(`${name} (${count})`)) count++;
    times.set(name, count);
    const unique = count === 1 ? name : `${name} (${count})`;
    taken.add(unique);
    return unique;
  });
  const repeated = [...times.keys()].filter((name) => times.get(name)! > 1);
  return { names, warnings: repeated.map(warnOfRepeatedName) };
}

function warnOfRepeatedName(name: string): DataWarning {
  return {
    kind: 'repeated-name',
    column: name,
    message: `several columns have the name “${name}”: from the second on they are called “${name} (2)” and so on.`,
    remedy: 'Give the columns different names, or give the role “ignore” to those that repeat another.',
  };
}
