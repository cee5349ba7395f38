/** Data that cannot be used: where, what is wrong, and what to do about it. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file: string;
  /** 1-based; null when the whole file is meant. */
  readonly line: number | null;
  /** As people count and name it: `3 (I2)`; null when the whole line is meant. */
  readonly column: string | null;
  readonly remedy: string;
  /** Names of files of which one must be meant. */
  readonly choices: readonly string[];

  constructor(problem: string, where: DataErrorPlace, remedy: string, choices: readonly string[] = []) {
    const { file, line = null, column = null } = where;
    const place = [file, line === null ? '' : `line ${line}`, column === null ? '' : `column ${column}`];
    super(`${place.filter(Boolean).join(', ')}: ${problem}`);
    this.file = file;
    this.line = line;
    this.column = column;
    this.remedy = remedy;
    this.choices = choices;
  }
}

export interface DataErrorPlace {
  readonly file: string;
  readonly line?: number | null;
  readonly column?: string | null;
}

/** Cell text for a message: never a page of it. */
export function quote(cell: string): string {
  return cell.length > 40 ? `“${cell.slice(0, 40)}…”` : `“${cell}”`;
}
