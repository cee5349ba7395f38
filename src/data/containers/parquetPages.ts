import type { ColumnMetaData, Compressors } from 'hyparquet';
import type { Pace } from './pace.ts';
import { checkRuns, readUint32 } from './parquetRuns.ts';
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

/** Numbers of encodings whose values are runs: PLAIN_DICTIONARY, RLE, RLE_DICTIONARY. */
const runEncodings = new Set([2, 3, 8]);

/** A column chunk, and how deep its values are optional and repeated. */
export interface PageColumn {
  readonly chunk: ColumnMetaData;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
}

/**
 * Walks the pages of a column chunk before hyparquet decodes them, which believes what they claim: one wrong count of a page or of a
 * run ends the process, or never ends. Pages must fit in the file, be bounded, have as many values as the footer says, and runs no
 * more than their page. Throws Error.
 */
export async function checkPages(
  access: RandomAccess,
  column: PageColumn,
  compressors: Compressors,
  pace: Pace,
): Promise<void> {
  const { chunk } = column;
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  if (!(start >= 0 && end >= start && end <= access.size)) throw new Error('a column lies outside the file');
  const reader = new PageReader(access, end);
  let values = 0;
  for (let at = start; at < end && values < chunk.num_values;) {
    const header = await reader.readHeader(at);
    const { type, unpackedBytes, packedBytes, count, headerBytes } = header;
    const isData = type === dataPage || type === dataPageV2;
    if (!isData && type !== dictionaryPage) throw new Error(`a page is of the unknown kind ${type}`);
    const bodyStart = at + headerBytes;
    at = bodyStart + packedBytes;
    if (!(packedBytes >= 0 && at <= end)) throw new Error('a page lies outside its column');
    if (!(unpackedBytes >= 0 && unpackedBytes <= mostPageBytes && count >= 0 && count <= mostPageValues)) {
      throw new Error(`a page claims ${count} values in ${unpackedBytes} bytes`);
    }
    if (!isData) continue;
    values += count;
    await pace.pause();
    checkBody(await reader.readBody(bodyStart, at), header, column, compressors);
  }
  if (values !== Number(chunk.num_values)) {
    throw new Error(`a column has ${values} values in its pages, not ${chunk.num_values}`);
  }
}

/** Runs of levels and of indices into a dictionary. In a page of version 2 levels are not compressed. */
function checkBody(body: Uint8Array, header: PageHeader, column: PageColumn, compressors: Compressors): void {
  const { type, unpackedBytes, count, details } = header;
  const { chunk, maxDefinitionLevel, maxRepetitionLevel } = column;
  const field = (id: number) => Number(details.get(id));
  const needed = type === dataPageV2 ? [1, 2, 3, 4, 5, 6] : [1, 2];
  // hyparquet goes on with a place that is no number where one of them is missing, for ever.
  if (!needed.every((id) => field(id) >= 0)) throw new Error('the header of a page lacks a field');
  const levels = [maxRepetitionLevel, maxDefinitionLevel];
  const unpack = (bytes: Uint8Array, size: number) => {
    if (chunk.codec === 'UNCOMPRESSED' || size === 0) return bytes;
    return compressors[chunk.codec]?.(bytes, size) ?? bytes;
  };
  if (type === dataPageV2) {
    const [nulls, definitionBytes, repetitionBytes] = [field(2), field(5), field(6)];
    const levelBytes = definitionBytes + repetitionBytes;
    const isRight =
      nulls >= 0 &&
      nulls <= count &&
      definitionBytes >= 0 &&
      repetitionBytes >= 0 &&
      levelBytes <= body.length;
    if (!isRight) throw new Error('the header of a page contradicts itself');
    let at = 0;
    for (const [i, level] of levels.entries()) {
      if (level > 0) checkRuns(body, at, bitsOf(level), count, level);
      at += i === 0 ? repetitionBytes : definitionBytes;
    }
    if (!runEncodings.has(field(4))) return;
    const isPacked = details.get(7) !== false;
    const rest = body.subarray(levelBytes);
    checkIndices(
      isPacked ? unpack(rest, unpackedBytes - levelBytes) : rest,
      0,
      count - nulls,
      field(4) === 3,
    );
    return;
  }
  const isRuns = runEncodings.has(field(2));
  if (!isRuns && maxDefinitionLevel === 0 && maxRepetitionLevel === 0) return;
  const page = unpack(body, unpackedBytes);
  let at = 0;
  let present = count;
  for (const level of levels) {
    if (level === 0) continue;
    present = checkRuns(page, at + 4, bitsOf(level), count, level);
    at += 4 + readUint32(page, at);
  }
  if (isRuns) checkIndices(page, at, maxDefinitionLevel > 0 ? present : count, chunk.type === 'BOOLEAN');
}

function checkIndices(page: Uint8Array, at: number, count: number, isBoolean: boolean): void {
  if (isBoolean) checkRuns(page, at + 4, 1, count, -1);
  else if (count > 0) checkRuns(page, at + 1, page[at], count, -1);
}

function bitsOf(level: number): number {
  return 32 - Math.clz32(level);
}

interface PageHeader {
  readonly type: number;
  readonly unpackedBytes: number;
  readonly packedBytes: number;
  /** Values, nulls too. */
  readonly count: number;
  readonly headerBytes: number;
  /** The fields of its kind, by their number. */
  readonly details: ThriftStruct;
}

class PageReader {
  readonly #access: RandomAccess;
  readonly #end: number;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart = 0;

  constructor(access: RandomAccess, end: number) {
    this.#access = access;
    this.#end = end;
  }

  async readBody(start: number, end: number): Promise<Uint8Array> {
    const offset = start - this.#blockStart;
    const isInBlock = offset >= 0 && end <= this.#blockStart + this.#block.length;
    return isInBlock ? this.#block.subarray(offset, end - this.#blockStart) : this.#access.read(start, end);
  }

  async readHeader(at: number): Promise<PageHeader> {
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
  if (!(details instanceof Map)) throw new Error(`a page is of the unknown kind ${type}`);
  return {
    type,
    unpackedBytes: Number(header.get(2)),
    packedBytes: Number(header.get(3)),
    count: Number((details as ThriftStruct).get(1)),
    headerBytes: reader.at,
    details: details as ThriftStruct,
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
