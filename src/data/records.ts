import { DataError } from './containers/errors.ts';

/** How a file's characters become cells. */
export interface Dialect {
  /** A blank: any number of blanks. */
  readonly delimiter: string;
  readonly newline: '\n' | '\r';
  /** Cells may be in double quotes, with line ends inside (RFC 4180). */
  readonly quotes: boolean;
  /** `\"` is a quote inside quotes, as `""` is. */
  readonly backslash: boolean;
  /** Blanks around cells and quotes do not count. */
  readonly trims: boolean;
}

/**
 * Line: 1-based, where the record begins. Malformed: a quote is never closed, or text follows a closing one; the record is then
 * its first line. Of a line with more than maxColumns cells, maxColumns + 1 are handed over.
 */
export type EachRecord = (cells: string[], line: number, malformed: boolean) => void;

/** A line with more cells than this is no example of a table. */
export const maxColumns = 10_000;

/** Characters. A longer line is a file of another kind, or a quote that nobody closes. */
const maxRecordLength = 1 << 20;

interface Scanned {
  readonly cells: string[];
  /** Where the next record begins. */
  readonly next: number;
  readonly malformed: boolean;
}

/** Text in pieces that are cut anywhere → records. How it is cut changes nothing, errors included. */
export class RecordParser {
  readonly #dialect: Dialect;
  readonly #file: string;
  #rest = '';
  #line = 1;

  constructor(dialect: Dialect, file: string) {
    this.#dialect = dialect;
    this.#file = file;
  }

  /** Calls `each` for every record that ends in the text so far. Throws DataError. */
  push(text: string, each: EachRecord): void {
    this.#rest += text;
    this.#parse(true, each);
  }

  /** The file is over: what is left is the last record. Throws DataError. */
  end(each: EachRecord): void {
    this.#parse(false, each);
  }

  #parse(more: boolean, each: EachRecord): void {
    const text = this.#rest;
    const { newline, quotes } = this.#dialect;
    let start = 0;
    let quote = quotes ? text.indexOf('"') : -1;
    while (start < text.length) {
      const lineEnd = text.indexOf(newline, start);
      const end = lineEnd === -1 ? text.length : lineEnd;
      if (quote !== -1 && quote < start) quote = text.indexOf('"', start);
      if (quote === -1 || quote > end) {
        if (lineEnd === -1 && more) break;
        this.#checkLength(end - start);
        each(this.#splitLine(text, start, end), this.#line++, false);
        start = end + 1;
        continue;
      }
      const record = this.#scan(text, start, more);
      if (record === null) break;
      const { cells, next, malformed } = record;
      this.#checkLength(next - 1 - start);
      each(cells, this.#line, malformed);
      this.#line += Math.max(1, occurrences(text, newline, start, next));
      start = next;
    }
    this.#rest = text.slice(start);
    this.#checkLength(this.#rest.length);
  }

  #checkLength(length: number): void {
    if (length <= maxRecordLength) return;
    throw new DataError(
      'the line is longer than 1 MB.',
      { file: this.#file, line: this.#line },
      'Check that the file has one example a line, and look at this line for a double quote that is never closed.',
    );
  }

  /** The cells of a line without quotes. */
  #splitLine(text: string, start: number, end: number): string[] {
    const { newline, delimiter, trims } = this.#dialect;
    const hasReturn = newline === '\n' && end > start && text[end - 1] === '\r';
    const line = text.slice(start, hasReturn ? end - 1 : end);
    if (delimiter === ' ') return line.trim().split(/[ \t]+/, maxColumns + 1);
    const cells = line.split(delimiter, maxColumns + 1);
    if (trims) for (let i = 0; i < cells.length; i++) cells[i] = trimmed(cells[i]);
    return cells;
  }

  /** A record with quotes, cell by cell; null: it may go on in the next piece. */
  #scan(text: string, start: number, more: boolean): Scanned | null {
    const { delimiter, newline, backslash, trims } = this.#dialect;
    const cells: string[] = [];
    const add = (cell: string) => {
      if (cells.length <= maxColumns) cells.push(trims ? trimmed(cell) : cell);
    };
    let at = start;
    while (true) {
      let cellEnd: number;
      const quote = trims ? skipBlanks(text, at) : at;
      if (text[quote] === '"') {
        const quoted = readQuoted(text, quote + 1, backslash, more);
        if (quoted === null) return null;
        add(quoted.cell);
        if (!quoted.closed) return giveUp(text, start, newline, cells);
        cellEnd = trims ? skipBlanks(text, quoted.end) : quoted.end;
      } else {
        cellEnd = endOfCell(text, at, delimiter, newline);
        if (cellEnd === -1 && more) return null;
        const end = cellEnd === -1 ? text.length : cellEnd;
        const isLast = !text.startsWith(delimiter, end);
        const hasReturn = isLast && newline === '\n' && end > at && text[end - 1] === '\r';
        add(text.slice(at, hasReturn ? end - 1 : end));
        cellEnd = end;
      }
      if (more && text.length - cellEnd < Math.max(2, delimiter.length)) return null;
      if (text.startsWith(delimiter, cellEnd)) {
        at = cellEnd + delimiter.length;
        continue;
      }
      if (newline === '\n' && text[cellEnd] === '\r') cellEnd++;
      if (cellEnd >= text.length || text[cellEnd] === newline) {
        return { cells, next: cellEnd + 1, malformed: false };
      }
      if (more && text.indexOf(newline, start) === -1) return null;
      return giveUp(text, start, newline, cells);
    }
  }
}

/** A malformed record ends with its first line, so that a stray quote costs no other line. */
function giveUp(text: string, start: number, newline: string, cells: string[]): Scanned {
  const lineEnd = text.indexOf(newline, start);
  return { cells, next: (lineEnd === -1 ? text.length : lineEnd) + 1, malformed: true };
}

/** The cell whose opening quote is before `from`, and where its closing one ends; null: not known yet. */
function readQuoted(
  text: string,
  from: number,
  backslash: boolean,
  more: boolean,
): { readonly cell: string; readonly end: number; readonly closed: boolean } | null {
  let cell = '';
  let at = from;
  while (true) {
    const quote = text.indexOf('"', at);
    if (quote === -1 || (more && quote + 1 === text.length)) {
      return more ? null : { cell: cell + text.slice(at), end: text.length, closed: false };
    }
    if (backslash && isEscaped(text, quote, from)) {
      cell += `${text.slice(at, quote - 1)}"`;
      at = quote + 1;
      continue;
    }
    if (text[quote + 1] !== '"') return { cell: cell + text.slice(at, quote), end: quote + 1, closed: true };
    cell += text.slice(at, quote + 1);
    at = quote + 2;
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number, from: number): boolean {
  let at = quote;
  while (at > from && text[at - 1] === '\\') at--;
  return (quote - at) % 2 === 1;
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end++;
  return end;
}

function isInk(code: number): boolean {
  return code > 32 && code !== 160;
}

/** A cell without the blanks around it. Most have none; 160 is the no-break space of spreadsheets. */
export function trimmed(cell: string): string {
  if (cell === '' || (isInk(cell.charCodeAt(0)) && isInk(cell.charCodeAt(cell.length - 1)))) return cell;
  return cell.trim();
}

/** −1: the text ends first. */
function endOfCell(text: string, at: number, delimiter: string, newline: string): number {
  const lineEnd = text.indexOf(newline, at);
  const cellEnd = text.slice(at, lineEnd === -1 ? undefined : lineEnd).indexOf(delimiter);
  return cellEnd === -1 ? lineEnd : at + cellEnd;
}

export function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0].trim() === '';
}

function occurrences(text: string, part: string, start: number, end: number): number {
  let count = 0;
  for (let i = text.indexOf(part, start); i !== -1 && i < end; i = text.indexOf(part, i + 1)) count++;
  return count;
}
