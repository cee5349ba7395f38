import type { ColumnMetaData } from 'hyparquet';
import type { RandomAccess } from './randomAccess.ts';

/** Values of one page, and bytes that one unpacks to: more are not decoded at once. */
const mostPageValues = 2 ** 24;
const mostPageBytes = 2 ** 28;
/** Read ahead for headers of pages. A longer header, of long statistics, is read again in one piece. */
const aheadBytes = 2 ** 16;
const longestHeader = 2 ** 24;

const dataPage = 0;
const dictionaryPage = 2;
const dataPageV2 = 3;

/**
 * Walks the pages of a column chunk by their headers, before anything is decoded: what they claim must fit in the file, be bounded,
 * and be as many values as the footer says. hyparquet believes them, and one wrong count can end the process. Throws Error.
 */
export async function checkPages(access: RandomAccess, chunk: ColumnMetaData): Promise<void> {
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  if (!(start >= 0 && end >= start && end <= access.size)) throw new Error('a column lies outside the file');
  const headers = new HeaderReader(access, end);
  let values = 0;
  for (let at = start; at < end && values < chunk.num_values;) {
    const { type, unpackedBytes, packedBytes, count, headerBytes } = await headers.read(at);
    const isData = type === dataPage || type === dataPageV2;
    if (!isData && type !== dictionaryPage) throw new Error(`a page is of the unknown kind ${type}`);
    at += headerBytes + packedBytes;
    if (!(packedBytes >= 0 && at <= end)) throw new Error('a page lies outside its column');
    if (!(unpackedBytes >= 0 && unpackedBytes <= mostPageBytes && count >= 0 && count <= mostPageValues)) {
      throw new Error(`a page claims ${count} values in ${unpackedBytes} bytes`);
    }
    if (isData) values += count;
  }
  if (values !== Number(chunk.num_values)) {
    throw new Error(`a column has ${values} values in its pages, not ${chunk.num_values}`);
  }
}

interface PageHeader {
  readonly type: number;
  readonly unpackedBytes: number;
  readonly packedBytes: number;
  /** Values, nulls too. */
  readonly count: number;
  readonly headerBytes: number;
}

class HeaderReader {
  readonly #access: RandomAccess;
  readonly #end: number;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart = 0;

  constructor(access: RandomAccess, end: number) {
    this.#access = access;
    this.#end = end;
  }

  async read(at: number): Promise<PageHeader> {
    const offset = at - this.#blockStart;
    if (offset >= 0 && offset < this.#block.length) {
      try {
        return parseHeader(this.#block.subarray(offset));
      } catch {
        // It may go on behind the block.
      }
    }
    for (let bytes = aheadBytes; ; bytes *= 16) {
      this.#block = await this.#access.read(at, Math.min(at + bytes, this.#end));
      this.#blockStart = at;
      try {
        return parseHeader(this.#block);
      } catch (error) {
        if (at + bytes >= this.#end || bytes >= longestHeader) throw error;
      }
    }
  }
}

type ThriftStruct = ReadonlyMap<number, unknown>;

function parseHeader(bytes: Uint8Array): PageHeader {
  const reader = new ThriftReader(bytes);
  const header = reader.readStruct(0);
  const type = Number(header.get(1));
  const details = header.get(({ [dataPage]: 5, [dictionaryPage]: 7, [dataPageV2]: 8 } as const)[type] ?? -1);
  return {
    type,
    unpackedBytes: Number(header.get(2)),
    packedBytes: Number(header.get(3)),
    count: details instanceof Map ? Number((details as ThriftStruct).get(1)) : NaN,
    headerBytes: reader.at,
  };
}

const deepestStruct = 8;

/** The compact protocol of Thrift, as far as headers of pages use it. Throws where the bytes end. */
class ThriftReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readStruct(depth: number): ThriftStruct {
    if (depth > deepestStruct) throw new Error('the header of a page is nested too deep');
    const fields = new Map<number, unknown>();
    for (let field = 0, byte = this.#byte(); byte !== 0; byte = this.#byte()) {
      const step = byte >> 4;
      field = step === 0 ? this.#zigZag() : field + step;
      fields.set(field, this.#value(byte & 15, depth));
    }
    return fields;
  }

  #value(type: number, depth: number): unknown {
    switch (type) {
      case 1:
      case 2:
        return type === 1;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#zigZag();
      case 7:
        return this.#skip(8);
      case 8:
        return this.#skip(this.#varint());
      case 12:
        return this.readStruct(depth + 1);
      default:
        throw new Error(`the header of a page has a field of the unknown type ${type}`);
    }
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError('the header of a page is cut off');
    return this.#bytes[this.at++];
  }

  /** Passes over what is of no use here. */
  #skip(bytes: number): null {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw new RangeError('the header of a page is cut off');
    return null;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 53) throw new Error('a number in the header of a page is too long');
    }
  }

  #zigZag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
