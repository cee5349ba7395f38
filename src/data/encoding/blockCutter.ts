import { DataError } from '../containers/errors.ts';
import type { Layout } from '../formats/layout.ts';
import { type ByteDialect, endOfRecord, quoteByte, toByteDialect } from './recordEnd.ts';

/** Whole records, and where in the file they are: what one encoder reads without knowing the rest. */
export interface RecordBlock {
  /** 0, 1, 2 … in the order of the file. */
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>; // UTF-8
  /** 1-based. */
  readonly firstLine: number;
  /** 0-based, the header not counted: what the split of an example is a hash of. */
  readonly firstRecord: number;
  readonly records: number;
}

/** A block is cut at the first end of a record from here on: it takes some ms to encode, also where everything is quoted. */
const usualBlockBytes = 1 << 18;
/** A small file takes little; it grows with the pieces. */
const firstBytes = 1 << 14;

/** Bytes. A longer line is a file of another kind, or a quote that nobody closes. */
const maxRecordLength = 1 << 20;

/**
 * Cuts a file, which comes in pieces that are cut anywhere, into blocks of whole records, above which the header and what stands
 * before it are gone. How the pieces are cut changes nothing. Holds a block, or the longest record, and a piece.
 */
export class BlockCutter {
  readonly #dialect: ByteDialect;
  readonly #file: string;
  /** Records that begin above this line are none of data. */
  readonly #firstDataLine: number;
  readonly #encoder = new TextEncoder();
  readonly #blockBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  /** Where the block begins. */
  #start = 0;
  /** Where the first record begins whose end has not been found, and how far it was looked for. */
  #scanned = 0;
  #looked = 0;
  #index = 0;
  #firstLine = 1;
  #firstRecord = 0;
  #lines = 0;
  #records = 0;

  constructor(
    layout: Pick<Layout, 'dialect' | 'firstLine' | 'header'>,
    file: string,
    blockBytes = usualBlockBytes,
  ) {
    this.#blockBytes = blockBytes;
    this.#bytes = new Uint8Array(Math.min(firstBytes, 2 * blockBytes));
    this.#dialect = toByteDialect(layout.dialect);
    this.#file = file;
    this.#firstDataLine = layout.firstLine + (layout.header === null ? 0 : 1);
  }

  /** The blocks that end in this piece. Throws DataError. */
  *push(text: string): Generator<RecordBlock> {
    this.#reserve(3 * text.length);
    this.#length += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    while (this.#scan(true)) yield this.#cut();
  }

  /** The file is over: what is left. Throws DataError. */
  *end(): Generator<RecordBlock> {
    while (this.#scan(false)) yield this.#cut();
    if (this.#records > 0) yield this.#cut();
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }

  /** True: a block is full. */
  #scan(more: boolean): boolean {
    const bytes = this.#bytes.subarray(0, this.#length);
    const { newline, quotes } = this.#dialect;
    let quote = quotes ? bytes.indexOf(quoteByte, this.#looked) : -1;
    while (this.#scanned < bytes.length) {
      const lineEnd = bytes.indexOf(newline, this.#looked);
      if (quote !== -1 && quote < this.#scanned) quote = bytes.indexOf(quoteByte, this.#scanned);
      if (quote !== -1 && (lineEnd === -1 || quote < lineEnd)) {
        const next = endOfRecord(bytes, this.#scanned, bytes.length, this.#dialect, more);
        if (next === -1) break;
        this.#endRecord(next, Math.max(1, this.#countLines(this.#scanned, next)));
      } else if (lineEnd !== -1) {
        this.#endRecord(lineEnd + 1, 1);
      } else {
        if (!more) this.#endRecord(bytes.length, 1);
        this.#looked = bytes.length;
        break;
      }
      if (this.#scanned - this.#start >= this.#blockBytes) return true;
    }
    this.#checkLength(bytes.length - this.#scanned);
    return false;
  }

  #endRecord(next: number, lines: number): void {
    this.#checkLength(next - 1 - this.#scanned);
    const isData = this.#firstLine + this.#lines >= this.#firstDataLine;
    this.#scanned = next;
    this.#looked = next;
    this.#lines += lines;
    if (isData) this.#records++;
    else this.#begin();
  }

  #countLines(start: number, end: number): number {
    let lines = 0;
    for (let i = start; i < end; i++) if (this.#bytes[i] === this.#dialect.newline) lines++;
    return lines;
  }

  #cut(): RecordBlock {
    const block = {
      index: this.#index++,
      bytes: this.#bytes.slice(this.#start, this.#scanned),
      firstLine: this.#firstLine,
      firstRecord: this.#firstRecord,
      records: this.#records,
    };
    this.#firstRecord += this.#records;
    this.#records = 0;
    this.#begin();
    this.#bytes.copyWithin(0, this.#start, this.#length);
    this.#length -= this.#start;
    this.#start = 0;
    this.#scanned = 0;
    this.#looked = 0;
    return block;
  }

  /** What follows the records whose ends are known is a new block. */
  #begin(): void {
    this.#start = this.#scanned;
    this.#firstLine += this.#lines;
    this.#lines = 0;
  }

  #checkLength(length: number): void {
    if (length <= maxRecordLength) return;
    throw new DataError(
      'the line is longer than 1 MB.',
      { file: this.#file, line: this.#firstLine + this.#lines },
      'Check that the file has one example a line, and look at this line for a double quote that is never closed.',
    );
  }
}
