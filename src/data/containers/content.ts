import { toCsv, type TypedColumn } from './cells.ts';
import type { DataSource } from './dataSource.ts';
import { countRepeatedLines, differentColumns, type HeadLines, readHeadLines } from './headLines.ts';
import { hasDirectory } from './leaves.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Reading } from './reading.ts';
import { Selection } from './selection.ts';
import { openRecords, readTables, scanJson, type Table, type TableOptions } from './tables.ts';
import type { TextStream } from './text.ts';

export interface TextPiece {
  readonly text: string;
  /** Bytes of the source read so far: compressed ones, where it is compressed. */
  readonly bytes: number;
}

export interface ContentOptions extends Partial<TableOptions> {
  readonly limits?: Limits;
  /** True: the beginning of a text file is one of a known format, which is then meant where an archive has several. */
  readonly recognises?: (head: string) => boolean;
}

/** Something about a source that should be known, and what to do about it. */
export interface ContentNote {
  readonly message: string;
  readonly remedy: string;
}

const noteOfGuess: ContentNote = {
  message: 'The text is no UTF-8 and is read as windows-1252.',
  remedy:
    'If letters look wrong, choose its encoding (--encoding iso-8859-2, shift_jis, …) or save it as UTF-8.',
};
const remedyOfFiles = 'If it is meant, drop it by itself, or name it: --entry NAME.';
const remedyOfColumns =
  'Give such a column the role “ignore”, or write what is in it as columns of their own.';

/** What a source turned out to hold. It grows while `pieces` are read. */
export interface Content {
  /** Files that are read one after the other, from the source to each: `criteo.tar.gz › train.txt`. */
  readonly files: readonly string[];
  /** Of text, as far as it was read; null: Parquet. */
  readonly encoding: string | null;
  /** Parquet and JSON: the text is CSV with these columns as its header, as RFC 4180 writes it. null: text as it is. */
  readonly columns: readonly TypedColumn[] | null;
  /** What was left out or is read as something else. */
  readonly notes: readonly ContentNote[];
  /** The text of all files, cut anywhere: to be read once. */
  readonly pieces: AsyncGenerator<TextPiece>;
  /** Frees the source, however much was read of it. */
  close(): Promise<void>;
}

/**
 * Opens a file, an archive or several files, by content: gzip, zip, tar and zstd, in each other too; text in any encoding, Parquet,
 * JSON. How the stream of the source is cut changes nothing. Throws DataError; rejects with the signal's reason.
 */
export async function openContent(
  source: DataSource,
  options: ContentOptions = {},
  signal?: AbortSignal,
): Promise<Content> {
  const reader = new ContentReader(source, options, signal);
  const rest = reader.read();
  // What is known with the first piece is known before anybody asks for it.
  const first = await rest.next();
  async function* pieces(): AsyncGenerator<TextPiece> {
    if (first.done) return;
    yield first.value;
    yield* rest;
  }
  return Object.assign(reader, { pieces: pieces(), close: async () => void (await rest.return(undefined)) });
}

class ContentReader implements Omit<Content, 'pieces' | 'close'> {
  readonly files: string[] = [];
  columns: readonly TypedColumn[] | null = null;
  readonly #source: DataSource;
  readonly #options: TableOptions;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  readonly #selection: Selection;
  readonly #notes = new Set<string>();
  #reading: Reading;
  #decoding: { readonly encoding: string } | null = null;
  /** Of the first text file: those of the others are held against it. */
  #head: HeadLines | null = null;
  #endsInLine = false;

  constructor(
    source: DataSource,
    { encoding = null, entry = null, limits = defaultLimits, recognises = () => false }: ContentOptions,
    signal?: AbortSignal,
  ) {
    this.#source = source;
    this.#options = { encoding, entry };
    this.#limits = limits;
    this.#signal = signal;
    this.#selection = new Selection(source, recognises);
    this.#reading = this.#startReading();
  }

  get encoding(): string | null {
    return this.#decoding?.encoding ?? null;
  }

  get notes(): readonly ContentNote[] {
    const ofFiles = this.#selection.notes.map((message) => ({ message, remedy: remedyOfFiles }));
    const ofColumns = [...this.#notes].map((message) => ({ message, remedy: remedyOfColumns }));
    const isGuess = this.#options.encoding === null && this.encoding === 'windows-1252';
    return [...(isGuess ? [noteOfGuess] : []), ...ofFiles, ...ofColumns];
  }

  async *read(): AsyncGenerator<TextPiece> {
    if (await hasDirectory(this.#source, this.#startReading())) {
      for await (const table of this.#tables(this.#startReading())) this.#selection.consider(table);
      this.#selection.choose();
    }
    do {
      this.#reading = this.#startReading();
      for await (const table of this.#tables(this.#reading)) {
        if (this.#selection.takes(table)) yield* this.#readTable(table);
      }
    } while (this.files.length === 0 && this.#selection.takeTests());
    if (this.files.length === 0) throw this.#selection.nothingTaken();
  }

  #startReading(): Reading {
    return new Reading(this.#source.name, this.#limits, this.#signal);
  }

  #tables(reading: Reading): AsyncGenerator<Table> {
    return readTables(this.#source, this.#options, reading, this.#selection.leave);
  }

  async *#readTable(table: Table): AsyncGenerator<TextPiece> {
    const { content, path } = table;
    if (content.kind !== 'parquet') this.#decoding = content.decoding;
    if (content.kind === 'text') {
      this.files.push(path);
      yield* this.#readText(content.decoding.text, table);
      return;
    }
    if (content.kind === 'json' && this.columns === null) {
      const reading = this.#startReading();
      const isTaken = (other: Table) => this.#selection.takes(other);
      this.columns = await scanJson(this.#tables(reading), isTaken, reading);
      yield this.#piece(toCsv([this.columns.map(({ name }) => name)]));
    }
    const records = await openRecords(table, this.columns ?? [], this.#reading);
    for (const note of records.notes) this.#notes.add(note);
    const order = this.#orderOf(records.columns, path);
    if (this.columns === null) {
      this.columns = records.columns;
      yield this.#piece(toCsv([this.columns.map(({ name }) => name)]));
    }
    this.files.push(path);
    for await (const rows of records.rows()) {
      const ordered = order ? rows.map((cells) => order.map((position) => cells[position])) : rows;
      if (rows.length > 0) yield this.#piece(toCsv(ordered));
    }
  }

  /** Where a further file has the columns of the first one; null: in the same places. Throws DataError where it lacks one. */
  #orderOf(columns: readonly TypedColumn[], path: string): readonly number[] | null {
    if (this.columns === null || this.columns === columns) return null;
    const wanted = this.columns.map(({ name }) => name);
    const names = columns.map(({ name }) => name);
    if (names.length !== wanted.length || wanted.some((name) => !names.includes(name))) {
      throw differentColumns(this.files[0], wanted, path, names);
    }
    return wanted.map((name) => names.indexOf(name));
  }

  async *#readText(text: TextStream, { head, path }: Table): AsyncGenerator<TextPiece> {
    const lines = readHeadLines(head);
    let skipped = 0;
    if (this.#head === null) this.#head = lines;
    else {
      skipped = lengthOfLines(head, countRepeatedLines(this.#head, lines, this.files[0], path));
      if (this.#endsInLine) yield this.#piece('\n');
    }
    for (let piece = await text.next(); piece !== null; piece = await text.next()) {
      const rest = piece.slice(skipped);
      skipped = Math.max(0, skipped - piece.length);
      if (rest === '') continue;
      yield this.#piece(rest);
      this.#endsInLine = !/[\r\n]$/.test(rest);
      await this.#reading.pace.pause();
    }
  }

  #piece(text: string): TextPiece {
    return { text, bytes: Math.min(this.#reading.bytesRead, this.#source.size) };
  }
}

/** Characters of the first `count` lines that are not blank. */
function lengthOfLines(text: string, count: number): number {
  let length = 0;
  for (const [line] of text.matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
    if (count === 0) break;
    length += line.length;
    if (line.trim() !== '') count--;
  }
  return length;
}
