import * as v from 'valibot';
import { parseJson } from '../../validation/json.ts';
import { checkShape, count, finite } from '../../validation/shape.ts';
import type { DatasetInfo, ValueNames } from '../dataset.ts';
import { checksumOf, damaged, ExamplePages, pagesOf, ROWS_AT } from './examplePages.ts';
import type { OpenDataset } from './exampleReader.ts';
import { rowLayoutOf } from './rowLayout.ts';
import type { DatasetStorage } from './storage.ts';
import { notThere } from './storageErrors.ts';

/*
 * The file of a stored data set, little-endian:
 *     prologue   ROWS_AT bytes: FORMAT in ASCII, and from byte 16 on, as u32, the checksum of the header, its bytes, and where it
 *                begins, low word and high word. Written last, so that a torn file has none.
 *     rows       of all examples, in the order training, validation, test: see RowLayout
 *     sections   the arrays that the header names
 *     header     JSON, padded with blanks to whole words
 */
const FORMAT = 'dimmer-data-1';

/** An array of the file: where it begins, its bytes, and the checksum over its whole words. */
export interface Section {
  readonly at: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** The header: everything of a StoredDataset but large arrays. */
export interface FileHeader {
  readonly info: Omit<DatasetInfo, 'fields'> & { readonly fingerprint: string };
  readonly fields: readonly {
    readonly name: string;
    readonly cardinality: number;
    readonly rareId: number;
    readonly counts: Section;
    readonly names?: { readonly bytes: Section; readonly ends: Section } | undefined;
  }[];
  /** Of the pages of rows. */
  readonly checksums: Section;
  /** Written by whoever keeps the file, and given back. */
  readonly note: string;
}

const sectionShape = v.object({ at: count, bytes: count, checksum: count });
const range = v.object({ start: count, count });

/** What files are found and laid out by. The checksum of the header stands for the rest. */
const headerShape = v.looseObject({
  info: v.looseObject({
    name: v.string(),
    task: v.picklist(['click', 'rating', 'ranking']),
    examples: count,
    splits: v.object({ train: range, validation: range, test: range }),
    numericColumns: v.array(v.looseObject({ name: v.string() })),
    labelMean: finite,
    report: v.looseObject({ linesRead: count, minCount: count }),
    fingerprint: v.string(),
  }),
  fields: v.array(
    v.looseObject({
      name: v.string(),
      cardinality: count,
      rareId: count,
      counts: sectionShape,
      names: v.optional(v.object({ bytes: sectionShape, ends: sectionShape })),
    }),
  ),
  checksums: sectionShape,
  note: v.string(),
});

/** The prologue of a file whose header, in whole words, lies at a place. */
export function encodePrologue(header: Uint32Array, at: number): Uint32Array {
  const prologue = new Uint32Array(ROWS_AT / 4);
  new TextEncoder().encodeInto(FORMAT, new Uint8Array(prologue.buffer));
  prologue.set([checksumOf(header), header.byteLength, at % 2 ** 32, Math.floor(at / 2 ** 32)], 4);
  return prologue;
}

/** Reads and checks the header of a file. `name`: of the file, for errors. Rejects with DataError for one that was not written whole. */
export async function readHeader(file: Blob, name: string): Promise<FileHeader> {
  if (file.size < ROWS_AT) throw damaged(name);
  const prologue = await readWords(file, 0, ROWS_AT, name);
  const format = new TextDecoder().decode(new Uint8Array(prologue.buffer, 0, FORMAT.length));
  if (format !== FORMAT) throw damaged(name);
  const [checksum, headerBytes, low, high] = prologue.subarray(4);
  const header = await readWords(file, low + high * 2 ** 32, headerBytes, name);
  if (checksumOf(header) !== checksum) throw damaged(name);
  const refuse = (): Error => damaged(name);
  const json = parseJson(new TextDecoder().decode(header), refuse);
  checkShape(headerShape, json, refuse);
  return json as FileHeader;
}

/** Opens a stored data set for reading its examples. Rejects with DataError where it is not there, or not as it was written. */
export async function openStored(storage: DatasetStorage, name: string): Promise<OpenDataset> {
  const blob = await storage.blob(name);
  if (!blob) throw notThere(name);
  const header = await readHeader(blob, name);
  const fields = [];
  for (const { counts, names, ...field } of header.fields)
    fields.push({
      ...field,
      counts: await readSection(blob, counts, name),
      ...(names && { names: await readNames(blob, names, name) }),
    });
  const { info } = header;
  const layout = rowLayoutOf({ ...info, fields });
  const checksums = await readSection(blob, header.checksums, name);
  if (checksums.length !== pagesOf(info.examples)) throw damaged(name);
  const file = await storage.open(name);
  const pages = new ExamplePages(file, layout, info.examples, checksums);
  return { ...info, fields, file: name, sizeBytes: blob.size, pages, close: () => file.close() };
}

async function readNames(
  blob: Blob,
  { bytes, ends }: { readonly bytes: Section; readonly ends: Section },
  name: string,
): Promise<ValueNames> {
  const words = await readSection(blob, bytes, name);
  return {
    bytes: new Uint8Array(words.buffer, 0, bytes.bytes),
    ends: await readSection(blob, ends, name),
  };
}

async function readSection(blob: Blob, { at, bytes, checksum }: Section, name: string): Promise<Uint32Array> {
  const words = await readWords(blob, at, 4 * Math.ceil(bytes / 4), name);
  if (checksumOf(words) !== checksum) throw damaged(name);
  return words;
}

async function readWords(
  blob: Blob,
  at: number,
  bytes: number,
  name: string,
): Promise<Uint32Array<ArrayBuffer>> {
  if (at + bytes > blob.size || bytes % 4 !== 0) throw damaged(name);
  return new Uint32Array(await blob.slice(at, at + bytes).arrayBuffer());
}
