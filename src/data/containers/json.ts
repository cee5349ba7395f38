import { isScalarList, toCell, type ColumnType, type TypedColumn } from './cells.ts';
import { DataError } from './errors.ts';
import type { RecordTable } from './parquet.ts';
import type { Reading } from './reading.ts';
import type { TextStream } from './text.ts';

/** One object of the file; null where its text is none. */
interface ParsedObject {
  readonly object: Readonly<Record<string, unknown>> | null;
  readonly text: string;
  readonly line: number;
}

/** Objects in objects become columns down to this depth, JSON text below. */
const deepestColumn = 8;
const mostColumns = 10_000;
const remedyOfShape =
  'Write one object a line (JSON lines), or one array of objects, all with the same keys.';

/** Columns by name, in the order in which their keys appear. */
export class JsonColumns {
  readonly #types = new Map<string, ColumnType | null>();

  /** Looks through one file; several of them have their columns together. Throws DataError. */
  async scan(text: TextStream, file: string, reading: Reading): Promise<void> {
    let left = reading.limits.scannedJson;
    for await (const batch of readObjects(text, file, reading)) {
      for (const { object, text: source } of batch) {
        if (object) {
          flatten(object, this.#add);
          if (this.#types.size > mostColumns) {
            throw new DataError(
              `its objects have more than ${mostColumns.toLocaleString('en')} different keys.`,
              { file },
              'Keys that are values, such as ids, belong into a list: {"items": ["a", "b"]}.',
            );
          }
        }
        if ((left -= source.length) <= 0) return;
      }
    }
  }

  get list(): readonly TypedColumn[] {
    return [...this.#types].map(([name, type]) => ({ name, type: type ?? 'text' }));
  }

  readonly #add = (name: string, value: unknown): void => {
    const type = typeOf(value);
    const before = this.#types.get(name) ?? null;
    const isWider = before === 'integer' && type === 'number';
    if (before === null || isWider) this.#types.set(name, type);
    else if (type !== null && type !== before && !(before === 'number' && type === 'integer')) {
      this.#types.set(name, 'text');
    }
  };
}

/** null says nothing of the column. */
function typeOf(value: unknown): ColumnType | null {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    case 'boolean':
      return 'boolean';
    case 'object':
      return value === null ? null : isScalarList(value) ? 'list' : 'nested';
    default:
      return 'text';
  }
}

/**
 * The objects of a file as rows of these columns. What is no object is a row of one cell, so that it is counted as a bad line.
 * Throws DataError for a key that is none of the columns.
 */
export function jsonTable(
  text: TextStream,
  columns: readonly TypedColumn[],
  file: string,
  reading: Reading,
): RecordTable {
  const positions = new Map(columns.map(({ name }, i) => [name, i]));
  async function* rows(): AsyncGenerator<string[][]> {
    for await (const batch of readObjects(text, file, reading)) {
      yield batch.map(({ object, text: source, line }) => {
        if (object === null) return [source.slice(0, 200)];
        const cells = Array<string>(columns.length).fill('');
        flatten(object, (name, value) => {
          const position = positions.get(name);
          if (position === undefined) throw lateKey(name, file, line);
          cells[position] = toCell(value);
        });
        return cells;
      });
    }
  }
  const notes = columns
    .filter(({ type }) => type === 'nested')
    .map(({ name }) => `Column “${name}” holds nested values, which are read as JSON text.`);
  return { columns, notes, rows };
}

function lateKey(name: string, file: string, line: number): DataError {
  return new DataError(
    `the key “${name}” appears here for the first time, beyond the part of the file in which keys are looked for.`,
    { file, line },
    'Give the first object all keys, with null where there is no value.',
  );
}

/** Visits the values of an object; those of objects in it under names with dots. */
function flatten(
  object: Readonly<Record<string, unknown>>,
  visit: (name: string, value: unknown) => void,
  prefix = '',
  depth = 1,
): void {
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (depth < deepestColumn && isObject(value)) flatten(value, visit, `${prefix}${key}.`, depth + 1);
    else visit(prefix === '' ? key : prefix + key, value);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects in batches: one a line, in an array, or one after the other however they are broken into lines. Throws DataError. */
async function* readObjects(
  text: TextStream,
  file: string,
  reading: Reading,
): AsyncGenerator<ParsedObject[]> {
  const { lineLength } = reading.limits;
  const scanner = isOneALine(await text.peek(lineLength), lineLength)
    ? new LineScanner()
    : new ObjectScanner(file);
  for (let piece = await text.next(); piece !== null; piece = await text.next()) {
    const batch = scanner.push(piece);
    if (scanner.pending > lineLength) {
      throw new DataError(
        'one of its objects is longer than 1 MB.',
        { file, line: scanner.line },
        remedyOfShape,
      );
    }
    if (batch.length > 0) yield batch;
    await reading.pace.pause();
  }
  const rest = scanner.end();
  if (rest.length > 0) yield rest;
}

/** The first line that is not blank is an object as a whole. */
function isOneALine(head: string, lineLength: number): boolean {
  const line = head.trimStart().slice(0, lineLength).split('\n', 1)[0];
  return line.startsWith('{') && parseObject(line) !== null;
}

class LineScanner {
  #rest = '';
  line = 1;

  get pending(): number {
    return this.#rest.length;
  }

  push(text: string): ParsedObject[] {
    const found: ParsedObject[] = [];
    const all = this.#rest + text;
    let start = 0;
    for (let end = all.indexOf('\n'); end !== -1; end = all.indexOf('\n', start)) {
      this.#add(all.slice(start, end), found);
      this.line++;
      start = end + 1;
    }
    this.#rest = all.slice(start);
    return found;
  }

  end(): ParsedObject[] {
    const found: ParsedObject[] = [];
    this.#add(this.#rest, found);
    return found;
  }

  #add(line: string, found: ParsedObject[]): void {
    const text = line.trim();
    if (text !== '') found.push({ object: parseObject(text), text, line: this.line });
  }
}

/** Objects of an array, or one after the other: from brace to brace. */
class ObjectScanner {
  line = 1;
  readonly #file: string;
  #rest = '';
  /** Where in #rest the scan goes on. */
  #at = 0;
  #depth = 0;
  #inString = false;
  #firstLine = 1;
  #objects = 0;
  #array: 'none' | 'open' | 'closed' = 'none';

  constructor(file: string) {
    this.#file = file;
  }

  get pending(): number {
    return this.#depth > 0 ? this.#rest.length : 0;
  }

  push(piece: string): ParsedObject[] {
    const found: ParsedObject[] = [];
    const text = this.#rest + piece;
    let start = 0;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10) this.line++;
      if (this.#inString) {
        // An escaped character may come with the next piece.
        if (code === 92) {
          if (at + 1 === text.length) break;
          at++;
        } else if (code === 34) this.#inString = false;
        continue;
      }
      if (this.#depth === 0) {
        if (code === 123 && this.#array !== 'closed') {
          start = at;
          this.#depth = 1;
          this.#firstLine = this.line;
        } else if (code === 91 && this.#array === 'none' && this.#objects === 0) this.#array = 'open';
        else if (code === 93 && this.#array === 'open') this.#array = 'closed';
        else if (code !== 44 && code !== 32 && code !== 10 && code !== 13 && code !== 9) {
          throw this.#notObjects(text.slice(at, at + 20));
        }
        continue;
      }
      if (code === 34) this.#inString = true;
      else if (code === 123 || code === 91) this.#depth++;
      else if ((code === 125 || code === 93) && --this.#depth === 0) {
        const source = text.slice(start, at + 1);
        found.push({ object: parseObject(source), text: source, line: this.#firstLine });
        this.#objects++;
      }
    }
    this.#rest = this.#depth > 0 ? text.slice(start) : '';
    this.#at = this.#depth > 0 ? at - start : 0;
    return found;
  }

  end(): ParsedObject[] {
    if (this.#depth > 0 || this.#array === 'open') {
      throw new DataError(
        'the JSON ends in the middle.',
        { file: this.#file, line: this.line },
        'It is cut off: download or copy it again.',
      );
    }
    if (this.#array === 'none' && this.#objects === 1) throw this.#notObjects('one object');
    return [];
  }

  #notObjects(what: string): DataError {
    return new DataError(
      `the JSON is no list of objects: it holds ${what === 'one object' ? what : `“${what}”`} here.`,
      { file: this.#file, line: this.line },
      remedyOfShape,
    );
  }
}

/** null where the text is no object. Whole numbers that a double cannot hold are kept as text. */
function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  const source = text.endsWith(',') ? text.slice(0, -1) : text;
  try {
    const value: unknown = JSON.parse(/\d{16}/.test(source) ? quoteLongIntegers(source) : source);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whole numbers of 16 digits or more between quotes; strings are passed over. */
function quoteLongIntegers(source: string): string {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < source.length; at++) {
    const start = at;
    if (source[at] === '"') {
      for (at++; at < source.length && source[at] !== '"'; at++) if (source[at] === '\\') at++;
      continue;
    }
    while (isOfNumber(source.charCodeAt(at))) at++;
    if (at - start < 16 || !/^-?\d{16,}$/.test(source.slice(start, at))) {
      if (at > start) at--;
      continue;
    }
    quoted += `${source.slice(copied, start)}"${source.slice(start, at)}"`;
    copied = at--;
  }
  return quoted + source.slice(copied);
}

/** Digits, signs, point and exponent. */
function isOfNumber(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46 || code === 69 || code === 101
  );
}
