import type { FormatId, Task } from '../dataset.ts';
import type { ColumnRole } from '../source.ts';
import type { Dialect } from '../records.ts';

/** What the loader must know to read a file: a format is this value and a way to recognise it. */
export interface Layout {
  readonly format: FormatId;
  readonly dialect: Dialect;
  /** The first line that is not blank holds names. */
  readonly header: boolean;
  readonly columns: readonly Column[];
  /** 'any': two values are clicks, more are ratings, decided when all have been seen. */
  readonly labels: Task | 'any';
}

export interface Column {
  readonly name: string;
  readonly role: ColumnRole;
  /** A further category made from the same cell. */
  readonly derived?: { readonly name: string; readonly category: (cell: string) => string };
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
}

/** True: more than half of the first lines look like a format. Real files have bad lines anywhere. */
export function mostLines(lines: readonly string[], looksRight: (line: string) => boolean): boolean {
  return lines.length > 0 && lines.filter(looksRight).length * 2 > lines.length;
}
