import type { Dataset, DatasetInfo } from '../dataset.ts';
import { encodePrologue, type FileHeader, type Section } from './datasetFile.ts';
import { bytesOf, checksumOf, PAGE_EXAMPLES, pagesOf, ROWS_AT } from './examplePages.ts';
import { packRows, type RowLayout, rowLayoutOf } from './rowLayout.ts';
import type { NewFile } from './storage.ts';

/**
 * Writes the file of a stored data set: rows in any order, then `finish`. Throws DataError where there is no room.
 */
export class DatasetWriter {
  readonly layout: RowLayout;
  readonly #file: NewFile;
  readonly #examples: number;

  constructor(file: NewFile, layout: RowLayout, examples: number) {
    this.#file = file;
    this.layout = layout;
    this.#examples = examples;
  }

  /** Writes packed rows, the first of which is that of `example`. */
  write(example: number, rows: Uint32Array): void {
    this.#file.write(bytesOf(rows), rowsAt(this.layout, example));
  }

  /** All rows, a page after the other, read back from the file. Each page is overwritten by the next one. */
  *pages(): Generator<Uint32Array, void, void> {
    const { rowWords } = this.layout;
    const rows = new Uint32Array(PAGE_EXAMPLES * rowWords);
    for (let first = 0; first < this.#examples; first += PAGE_EXAMPLES) {
      const words = rows.subarray(0, rowWords * Math.min(PAGE_EXAMPLES, this.#examples - first));
      this.#file.read(bytesOf(words), rowsAt(this.layout, first));
      yield words;
    }
  }

  /** Ends the file and keeps it. `checksums`: of every page, by checksumOf. Rejects with DataError. */
  async finish(
    info: DatasetInfo & { readonly fingerprint: string },
    checksums: Uint32Array,
    note = '',
  ): Promise<void> {
    if (checksums.length !== pagesOf(this.#examples)) throw new Error('each page needs one checksum');
    let at = rowsAt(this.layout, this.#examples);
    const add = (array: Uint32Array | Uint8Array): Section => {
      const words = inWords(array);
      this.#file.write(bytesOf(words), at);
      const section = { at, bytes: array.byteLength, checksum: checksumOf(words) };
      at += words.byteLength;
      return section;
    };
    const { fields, ...rest } = info;
    const header: FileHeader = {
      info: rest,
      fields: fields.map(({ name, cardinality, rareId, counts, names }) => ({
        name,
        cardinality,
        rareId,
        counts: add(counts),
        names: names && { bytes: add(names.bytes), ends: add(names.ends) },
      })),
      checksums: add(checksums),
      note,
    };
    const json = JSON.stringify(header);
    const encoded = new TextEncoder().encode(json);
    const words = new Uint32Array(Math.ceil(encoded.length / 4));
    bytesOf(words).fill(0x20).set(encoded); // JSON may end with blanks
    this.#file.write(bytesOf(words), at);
    this.#file.truncate(at + words.byteLength);
    this.#file.flush();
    this.#file.write(bytesOf(encodePrologue(words, at)), 0);
    await this.#file.keep();
  }
}

/** Where the row of an example lies in the file. */
function rowsAt({ rowBytes }: RowLayout, example: number): number {
  return ROWS_AT + example * rowBytes;
}

export interface WriteOptions {
  /** Kept in the header. */
  readonly note?: string;
  /** Awaited after every page; its rejection ends the writing. */
  readonly rest?: () => Promise<void>;
}

/** Writes a data set that is in memory, without what is planted in a sample. Rejects with DataError; the file is then discarded. */
export async function writeDataset(
  file: NewFile,
  dataset: Dataset & { readonly fingerprint: string },
  { note, rest }: WriteOptions = {},
): Promise<void> {
  const { ids: _, numbers: __, labels: ___, planted: ____, ...info } = dataset;
  const layout = rowLayoutOf(dataset);
  const writer = new DatasetWriter(file, layout, dataset.examples);
  try {
    const checksums = new Uint32Array(pagesOf(dataset.examples));
    let page = 0;
    for (const words of packedPages(dataset, layout)) {
      writer.write(page * PAGE_EXAMPLES, words);
      checksums[page++] = checksumOf(words);
      await rest?.();
    }
    await writer.finish(info, checksums, note);
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** The rows of a data set in memory, a page after the other. Each page is overwritten by the next one. */
export function* packedPages(
  dataset: Dataset,
  layout = rowLayoutOf(dataset),
): Generator<Uint32Array, void, void> {
  const { rowWords } = layout;
  const rows = new Uint32Array(PAGE_EXAMPLES * rowWords);
  for (let first = 0; first < dataset.examples; first += PAGE_EXAMPLES) {
    const count = Math.min(PAGE_EXAMPLES, dataset.examples - first);
    packRows(layout, dataset, first, count, rows);
    yield rows.subarray(0, count * rowWords);
  }
}

/** The same bytes, and zeros up to whole words. */
function inWords(array: Uint32Array | Uint8Array): Uint32Array {
  if (array instanceof Uint32Array) return array;
  const words = new Uint32Array(Math.ceil(array.length / 4));
  bytesOf(words).set(array);
  return words;
}
