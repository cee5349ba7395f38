import { hashWords } from '../../random/hash.ts';
import { DataError } from '../containers/errors.ts';
import type { RowLayout } from './rowLayout.ts';
import type { WorkFile } from './storage.ts';

/** Examples of a page: what is read at once, and bears a checksum. Page p holds the examples from p · PAGE_EXAMPLES on. */
export const PAGE_EXAMPLES = 4096;

export function pagesOf(examples: number): number {
  return Math.ceil(examples / PAGE_EXAMPLES);
}

/** Where the rows of a stored data set begin in its file. */
export const ROWS_AT = 64;

/** Reads whole pages of rows from a file, and holds each against its checksum the first time. */
export class ExamplePages {
  readonly layout: RowLayout;
  readonly #file: WorkFile;
  readonly #examples: number;
  readonly #checksums: Uint32Array; // [pages]
  readonly #isChecked: Uint8Array; // [pages]

  constructor(file: WorkFile, layout: RowLayout, examples: number, checksums: Uint32Array) {
    this.layout = layout;
    this.#file = file;
    this.#examples = examples;
    this.#checksums = checksums;
    this.#isChecked = new Uint8Array(checksums.length);
  }

  /** Reads a page into `rows` u32[≥ PAGE_EXAMPLES, rowWords]. Throws DataError for a page that is not as it was written. */
  read(page: number, rows: Uint32Array): void {
    const { rowBytes, rowWords } = this.layout;
    const first = page * PAGE_EXAMPLES;
    const words = rows.subarray(0, rowWords * Math.min(PAGE_EXAMPLES, this.#examples - first));
    this.#file.read(bytesOf(words), ROWS_AT + first * rowBytes);
    if (this.#isChecked[page] === 1) return;
    if (checksumOf(words) !== this.#checksums[page]) throw damaged(this.#file.name);
    this.#isChecked[page] = 1;
  }

  /** Reads one row, unchecked. */
  readRow(example: number, row: Uint32Array): void {
    this.#file.read(bytesOf(row), ROWS_AT + example * this.layout.rowBytes);
  }
}

export function checksumOf(words: Uint32Array): number {
  return hashWords(0, words);
}

export function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

export function damaged(name: string): DataError {
  return new DataError(
    'it is damaged: what it holds is not what was written.',
    { file: name },
    'Remove it from the data sets that are kept, and open the file again.',
  );
}
