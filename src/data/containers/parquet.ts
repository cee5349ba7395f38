import type { AsyncBuffer, DecodedArray, FileMetaData, SchemaTree } from 'hyparquet';
import { type ColumnType, joinList, toCell, type TypedColumn } from './cells.ts';
import { DataError } from './errors.ts';
import { readPrimitive, textParsers } from './parquetCells.ts';
import { checkPages } from './parquetPages.ts';
import type { RandomAccess } from './randomAccess.ts';
import { formatBytes, type Reading } from './reading.ts';

/** Rows as text, with the columns that the file says it has. */
export interface RecordTable {
  readonly columns: readonly TypedColumn[];
  /** What was left out, or is not as it was, as sentences. */
  readonly notes: readonly string[];
  /** In batches, in the order of the file. Throws DataError. */
  rows(): AsyncGenerator<string[][]>;
}

/** Values decoded at once. A row group may hold many times more. */
const windowValues = 1 << 22;
/** Values made text at once. */
const batchValues = 1 << 15;

/** A leaf of the schema, or a nested field as a whole. */
interface Leaf extends TypedColumn {
  /** Index of the field that holds it. */
  readonly field: number;
  /** A value of that field as a cell. */
  readonly format: (value: unknown) => string;
}

/**
 * The rows of a Parquet file, by row groups and in parts of these, from slices of the file. Structures become columns
 * `structure.part`; dates and times are ISO text in UTC, decimals and whole numbers exact. Throws DataError.
 */
export async function openParquet(
  access: RandomAccess,
  file: string,
  reading: Reading,
): Promise<RecordTable> {
  const [{ parquetMetadataAsync, parquetScan, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toDataError(error, file, reading);
    }
  };
  const buffer: AsyncBuffer = {
    byteLength: access.size,
    slice: async (start, end = access.size) => (await access.read(start, end)).buffer,
  };
  return guard(async () => {
    const metadata = await parquetMetadataAsync(buffer, { parsers: textParsers, geoparquet: false });
    checkRowGroups(metadata, file, reading);
    const fields = parquetSchema(metadata).children;
    const notes: string[] = [];
    const leaves = fields.flatMap((field, index) => flatten(field, index, notes));
    if (leaves.length === 0) throw new Error('it has no columns that can be read');
    const used = [...new Set(leaves.map(({ field }) => field))];
    const isUsed = new Set(used.map((field) => fields[field].element.name));
    const scan = await parquetScan({
      file: buffer,
      metadata,
      columns: [...isUsed],
      compressors,
      utf8: false,
      geoparquet: false,
      parsers: textParsers,
    });
    const windowRows = Math.ceil(windowValues / leaves.length);
    const batchRows = Math.ceil(batchValues / leaves.length);

    async function* rows(): AsyncGenerator<string[][]> {
      let groupStart = 0;
      for (const group of metadata.row_groups) {
        const groupEnd = groupStart + Number(group.num_rows);
        for (const { meta_data: chunk } of group.columns) {
          if (chunk && isUsed.has(chunk.path_in_schema[0])) {
            await guard(async () =>
              checkPages(
                access,
                { chunk, ...levelsOf(fields, chunk.path_in_schema) },
                compressors,
                reading.pace,
              ),
            );
          }
          await reading.pace.pause();
        }
        for (let start = groupStart; start < groupEnd; start += windowRows) {
          const end = Math.min(start + windowRows, groupEnd);
          const values: DecodedArray[] = [];
          for (const field of used) {
            const column = fields[field].element.name;
            values[field] = await guard(() => scan.readColumn({ column, rowStart: start, rowEnd: end }));
            if (values[field].length < end - start) {
              throw damaged(file, `column “${column}” has fewer values than rows`);
            }
            await reading.pace.pause();
          }
          for (let from = 0; from < end - start; from += batchRows) {
            const to = Math.min(from + batchRows, end - start);
            yield await guard(() => Promise.resolve(toRows(leaves, values, from, to)));
            await reading.pace.pause();
          }
        }
        groupStart = groupEnd;
      }
    }
    return { columns: leaves.map(({ name, type }) => ({ name, type })), notes, rows };
  });
}

/** How deep the values at a path are optional and repeated. */
function levelsOf(fields: readonly SchemaTree[], path: readonly string[]) {
  let [maxDefinitionLevel, maxRepetitionLevel] = [0, 0];
  let children = fields;
  for (const name of path) {
    const field = children.find(({ element }) => element.name === name);
    if (!field) throw new Error(`a column lies at ${path.join('.')}, which the schema has not`);
    if (field.element.repetition_type !== 'REQUIRED') maxDefinitionLevel++;
    if (field.element.repetition_type === 'REPEATED') maxRepetitionLevel++;
    children = field.children;
  }
  return { maxDefinitionLevel, maxRepetitionLevel };
}

function toRows(
  leaves: readonly Leaf[],
  values: readonly DecodedArray[],
  from: number,
  to: number,
): string[][] {
  const rows: string[][] = [];
  for (let row = from; row < to; row++) {
    rows.push(leaves.map(({ field, format }) => format(values[field][row])));
  }
  return rows;
}

/** The columns of a field: of a structure, those of its parts. */
function flatten(field: SchemaTree, index: number, notes: string[]): Leaf[] {
  const unread = findUnread(field);
  if (unread !== null) {
    notes.push(`Column “${field.element.name}” is left out: ${unread} values are not read here.`);
    return [];
  }
  const described = describe(field, field.element.name);
  for (const { name, type } of described) {
    if (type === 'nested') notes.push(`Column “${name}” holds nested values, which are read as JSON text.`);
  }
  return described.map(({ name, type, format }) => ({ name, type, format, field: index }));
}

function findUnread({ element, children }: SchemaTree): string | null {
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === 'INTERVAL' || converted === 'BSON') return converted;
  if (logical?.type === 'GEOMETRY' || logical?.type === 'GEOGRAPHY') return logical.type;
  for (const child of children) {
    const unread = findUnread(child);
    if (unread !== null) return unread;
  }
  return null;
}

function describe(tree: SchemaTree, name: string): Omit<Leaf, 'field'>[] {
  const { element, children } = tree;
  const isRepeated = element.repetition_type === 'REPEATED';
  if (children.length === 0) {
    const { type, format } = readPrimitive(element);
    return [isRepeated ? list(name, format) : { name, type, format }];
  }
  const item = listItem(tree);
  if (item !== null && item.children.length === 0) return [list(name, readPrimitive(item.element).format)];
  const isStructure = element.converted_type === undefined && element.logical_type === undefined;
  if (item !== null || isRepeated || !isStructure) return [{ name, type: 'nested', format: toCell }];
  return children.flatMap((child) =>
    describe(child, `${name}.${child.element.name}`).map(({ name: part, type, format }) => ({
      name: part,
      type,
      format: (value: unknown) => format(partOf(value, child.element.name)),
    })),
  );
}

/** The element of a list of three levels or of two; null: this is no list. */
function listItem({ element, children }: SchemaTree): SchemaTree | null {
  if (element.converted_type !== 'LIST' || children.length !== 1) return null;
  const [repeated] = children;
  if (repeated.element.repetition_type !== 'REPEATED') return null;
  return repeated.children.length === 1 ? repeated.children[0] : repeated;
}

function list(name: string, format: (value: unknown) => string): Omit<Leaf, 'field'> {
  const type: ColumnType = 'list';
  return {
    name,
    type,
    format: (value) =>
      Array.isArray(value) || ArrayBuffer.isView(value)
        ? joinList(Array.from(value as ArrayLike<unknown>, format))
        : toCell(value),
  };
}

function partOf(value: unknown, part: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
}

function checkRowGroups({ row_groups, num_rows }: FileMetaData, file: string, { limits }: Reading): void {
  const rows = row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (rows !== num_rows) throw damaged(file, `its row groups hold ${rows} rows, and not ${num_rows}`);
  for (const { columns } of row_groups) {
    let bytes = 0n;
    for (const { meta_data } of columns) {
      if (!meta_data) {
        throw new DataError('it is encrypted.', { file }, 'Write it without encryption and drop that.');
      }
      if (meta_data.codec === 'LZO') {
        const remedy = 'Write it with snappy, zstd, gzip, brotli or lz4.';
        throw new DataError('it is compressed with LZO, which is not read here.', { file }, remedy);
      }
      bytes += meta_data.total_compressed_size;
    }
    if (bytes > limits.rowGroupBytes) {
      throw new DataError(
        `one of its row groups is larger than ${formatBytes(limits.rowGroupBytes)}, which is the limit.`,
        { file },
        'Write it with smaller row groups (row_group_size=100000 in pyarrow, ROW_GROUP_SIZE in DuckDB).',
      );
    }
  }
}

/** Errors of hyparquet say what they are in words; those of reading go on as they are. */
function toDataError(error: unknown, file: string, reading: Reading): unknown {
  if (error instanceof DataError || reading.signal?.aborted) return error;
  return damaged(file, error instanceof Error ? error.message : String(error));
}

function damaged(file: string, what: string): DataError {
  return new DataError(
    `the Parquet file is damaged, cut off, or holds what is not read here: ${what}.`,
    { file },
    'Download or copy it again, or write it once more with another program.',
  );
}
