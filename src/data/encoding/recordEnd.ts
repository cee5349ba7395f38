import type { Dialect } from '../records.ts';

export const quoteByte = 34;
const blankByte = 32;
const backslashByte = 92;
const returnByte = 13;

/** A dialect over UTF-8. */
export interface ByteDialect {
  readonly delimiter: Uint8Array;
  readonly newline: number;
  readonly quotes: boolean;
  readonly backslash: boolean;
  readonly trims: boolean;
}

export function toByteDialect({ delimiter, newline, quotes, backslash, trims }: Dialect): ByteDialect {
  return {
    delimiter: new TextEncoder().encode(delimiter),
    newline: newline.charCodeAt(0),
    quotes,
    backslash,
    trims,
  };
}

/**
 * Where the record with quotes that begins at `start` is over and the next one begins, as RecordParser reads it, in bytes [0, end);
 * −1: it may go on in bytes that follow, where there are `more`. Malformed records end with their first line.
 */
export function endOfRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: ByteDialect,
  more: boolean,
): number {
  const { delimiter, newline, trims } = dialect;
  let at = start;
  while (true) {
    const first = trims ? skipBlanks(bytes, at, end) : at;
    let cellEnd: number;
    if (first < end && bytes[first] === quoteByte) {
      const closed = endOfQuoted(bytes, first + 1, end, dialect.backslash, more);
      if (closed === -1) return more ? -1 : endOfLine(bytes, start, end, newline);
      cellEnd = trims ? skipBlanks(bytes, closed, end) : closed;
    } else {
      cellEnd = at;
      while (cellEnd < end && bytes[cellEnd] !== newline && !startsWith(bytes, cellEnd, end, delimiter))
        cellEnd++;
    }
    if (more && end - cellEnd < Math.max(2, delimiter.length)) return -1;
    if (startsWith(bytes, cellEnd, end, delimiter)) {
      at = cellEnd + delimiter.length;
      continue;
    }
    if (newline === 10 && bytes[cellEnd] === returnByte) cellEnd++;
    if (cellEnd >= end || bytes[cellEnd] === newline) return Math.min(end, cellEnd + 1);
    return endOfLine(bytes, start, end, newline, more);
  }
}

/** Where the quoted cell that begins at `from` is closed; −1: not in these bytes, or not known yet. */
function endOfQuoted(
  bytes: Uint8Array,
  from: number,
  end: number,
  backslash: boolean,
  more: boolean,
): number {
  let at = from;
  while (true) {
    while (at < end && bytes[at] !== quoteByte) at++;
    if (at >= end || (more && at + 1 === end)) return -1;
    if (backslash && isEscaped(bytes, at, from)) at++;
    else if (at + 1 < end && bytes[at + 1] === quoteByte) at += 2;
    else return at + 1;
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(bytes: Uint8Array, quote: number, from: number): boolean {
  let at = quote;
  while (at > from && bytes[at - 1] === backslashByte) at--;
  return (quote - at) % 2 === 1;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && bytes[next] === blankByte) next++;
  return next;
}

function startsWith(bytes: Uint8Array, at: number, end: number, part: Uint8Array): boolean {
  if (at + part.length > end) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

function endOfLine(bytes: Uint8Array, start: number, end: number, newline: number, more = false): number {
  let at = start;
  while (at < end && bytes[at] !== newline) at++;
  return at < end ? at + 1 : more ? -1 : end;
}
