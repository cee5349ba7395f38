import Papa from 'papaparse';
import { DataError } from './errors.ts';

/** How a file's characters become cells. */
export interface Dialect {
  readonly delimiter: string;
  readonly newline: '\n' | '\r';
  /** Cells may be in double quotes, with line ends inside (RFC 4180). */
  readonly quotes: boolean;
}

/** Files with `;` between columns come from places that write 3,14. */
export function usesDecimalComma(dialect: Dialect): boolean {
  return dialect.delimiter === ';';
}

/** Line: 1-based, where the record begins. Malformed: a quote is never closed, or text follows a closing one. */
export type EachRecord = (cells: string[], line: number, malformed: boolean) => void;

/** Characters. A longer line is a file of another kind, or a quote that nobody closes. */
const maxRecordLength = 1 << 20;

/**
 * Text in pieces that are cut anywhere → records. Papa Parse's core parser does the work: given text it says where
 * the last whole record ends, and what follows is kept for the next piece.
 */
export class RecordParser {
  readonly #papa: Papa.Parser;
  readonly #dialect: Dialect;
  readonly #file: string;
  #rest = '';
  #line = 1;

  constructor(dialect: Dialect, file: string) {
    const { delimiter, newline, quotes } = dialect;
    // fastMode undefined: split where a piece holds no quote, which is exact and faster.
    this.#papa = new Papa.Parser({ delimiter, newline, fastMode: quotes ? undefined : true });
    this.#dialect = dialect;
    this.#file = file;
  }

  /** Calls `each` for every record that ends in the text so far. */
  push(text: string, each: EachRecord): void {
    this.#rest += text;
    const cursor = this.#parse(true, each);
    this.#rest = this.#rest.slice(cursor);
    if (this.#rest.length > maxRecordLength) {
      throw new DataError(
        'the line is longer than 1 MB.',
        { file: this.#file, line: this.#line },
        'Check that the file has one example a line, and look at this line for a double quote that is never closed.',
      );
    }
  }

  /** The file is over: what is left is the last record. */
  end(each: EachRecord): void {
    if (this.#rest !== '') this.#parse(false, each);
    this.#rest = '';
  }

  #parse(more: boolean, each: EachRecord): number {
    const { data, errors, meta } = this.#papa.parse(this.#rest, 0, more) as Papa.ParseResult<string[]>;
    const malformed = new Set(errors.map((error) => error.row));
    const { newline, quotes } = this.#dialect;
    const linesInCells = quotes && this.#rest.includes('"');
    for (let i = 0; i < data.length; i++) {
      const cells = data[i];
      const last = cells.length - 1;
      if (newline === '\n' && cells[last].endsWith('\r')) cells[last] = cells[last].slice(0, -1);
      each(cells, this.#line, malformed.has(i));
      this.#line++;
      if (linesInCells) for (const cell of cells) this.#line += occurrences(cell, newline);
    }
    return meta.cursor;
  }
}

export function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0].trim() === '';
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let i = text.indexOf(part); i !== -1; i = text.indexOf(part, i + part.length)) count++;
  return count;
}
