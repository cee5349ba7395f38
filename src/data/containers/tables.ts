import type { TypedColumn } from './cells.ts';
import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import { JsonColumns, jsonTable } from './json.ts';
import { type Leaf, readLeaves } from './leaves.ts';
import { matchesEntry } from './names.ts';
import { openParquet, type RecordTable } from './parquet.ts';
import type { Reading } from './reading.ts';
import { recogniseText, type Refused } from './signatures.ts';
import { TextDecoding } from './text.ts';

/** Characters of a text file that are looked at to say what it is. */
const headLength = 1 << 16;

/** A file that is read, whatever it lies in. To be read before the next one is asked for, if at all. */
export interface Table {
  readonly path: string;
  readonly entry: string | null;
  /** The beginning of its text; '' for Parquet. */
  readonly head: string;
  readonly content:
    | { readonly kind: 'text' | 'json'; readonly decoding: TextDecoding }
    | { readonly kind: 'parquet'; open(): Promise<RecordTable> };
}

export interface TableOptions {
  /** Of text; null: found. */
  readonly encoding: string | null;
  /** The file of an archive or a folder that is meant, with * for any characters; null: all. */
  readonly entry: string | null;
}

/** A file of an archive or a folder that is something else, and what. */
export interface Leftover {
  readonly path: string;
  readonly refused: Refused;
}

const binary: Refused = {
  kind: 'refused',
  what: 'binary, and of no kind that is known here',
  remedy: 'Drop a table: CSV, TSV, JSON lines or Parquet.',
};

/** The files of a source that may be tables; `leave` hears of the others. Throws DataError where the source itself is none. */
export async function* readTables(
  source: DataSource,
  options: TableOptions,
  reading: Reading,
  leave: (leftover: Leftover) => void,
): AsyncGenerator<Table> {
  for await (const leaf of readLeaves(source, reading)) {
    const { entry } = leaf;
    if (entry !== null && options.entry !== null && !matchesEntry(entry, options.entry)) continue;
    const table = await recognise(leaf, options, reading);
    if (!('refused' in table)) yield table;
    else if (entry === null) throw refusal(table);
    else leave(table);
  }
}

export function refusal({ path, refused }: Leftover): DataError {
  return new DataError(`it is ${refused.what}.`, { file: path }, refused.remedy);
}

async function recognise(leaf: Leaf, options: TableOptions, reading: Reading): Promise<Table | Leftover> {
  const { path, entry, kind, bytes } = leaf;
  if (typeof kind === 'object') return { path, refused: kind };
  if (kind === 'parquet') {
    const open = async () => openParquet(await leaf.access(), path, reading);
    return { path, entry, head: '', content: { kind, open } };
  }
  const decoding = await TextDecoding.open(bytes, options.encoding, path);
  const isBinary = decoding.encoding === 'utf-8' && (await bytes.peek(headLength)).includes(0);
  if (entry !== null && isBinary) return { path, refused: binary };
  const head = await decoding.text.peek(headLength);
  const text = recogniseText(head);
  if (typeof text === 'object' && text !== null) return { path, refused: text };
  return { path, entry, head, content: { kind: text ?? 'text', decoding } };
}

/** The columns of all JSON files among the tables that are `taken`. Throws DataError where there are none. */
export async function scanJson(
  tables: AsyncGenerator<Table>,
  taken: (table: Table) => boolean,
  reading: Reading,
): Promise<readonly TypedColumn[]> {
  const columns = new JsonColumns();
  let path = '';
  for await (const table of tables) {
    if (table.content.kind !== 'json' || !taken(table)) continue;
    path ||= table.path;
    await columns.scan(table.content.decoding.text, table.path, reading);
  }
  if (columns.list.length > 0) return columns.list;
  throw new DataError(
    'its JSON holds no objects with keys.',
    { file: path },
    'Write one object a line (JSON lines), or one array of objects.',
  );
}

/** The records of a Parquet or JSON file. Throws DataError. */
export async function openRecords(
  { content, path }: Table,
  jsonColumns: readonly TypedColumn[],
  reading: Reading,
): Promise<RecordTable> {
  if (content.kind === 'parquet') return content.open();
  return jsonTable(content.decoding.text, jsonColumns, path, reading);
}
