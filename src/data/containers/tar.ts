import { ByteStream } from './byteStream.ts';
import { DataError } from './errors.ts';
import type { Reading } from './reading.ts';

const blockBytes = 512;

export interface TarEntry {
  readonly name: string;
  /** To be read before the next entry is asked for, if at all. */
  open(): ByteStream;
}

/** True: the first block of a tar archive, of any flavour: its checksum is right. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < blockBytes || block[0] === 0) return false;
  let sum = 0;
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 32 : block[i];
  return sum === readNumber(block.subarray(148, 156));
}

/**
 * The files of a tar archive in its order; links and folders are passed over. Names of GNU (L) and of pax headers are read. Throws
 * DataError where it is damaged, cut off, or has a sparse file.
 */
export async function* readTar(input: ByteStream, file: string, reading: Reading): AsyncGenerator<TarEntry> {
  const { lineLength, entries } = reading.limits;
  let longName: string | null = null;
  let pax = new Map<string, string>();
  let count = 0;
  while (true) {
    const block = await input.take(blockBytes);
    // Two blocks of zeros end an archive; some writers leave them out.
    if (block.every((byte) => byte === 0)) return;
    if (!isTarHeader(block)) {
      throw new DataError(
        `the tar archive is damaged or cut off after ${count} entries.`,
        { file },
        'Download or copy it again.',
      );
    }
    if (++count > entries) throw tooManyEntries(file, entries);
    const header = readHeader(block);
    const size = Number(pax.get('size') ?? header.size);
    if (!Number.isSafeInteger(size) || size < 0) throw damaged(file, header.name);
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    const isMeta = 'xgLK'.includes(header.type);
    if (isMeta) {
      if (size > lineLength) throw damaged(file, header.name);
      const body = await input.take(size);
      if (body.length < size || (await input.skip(padding)) < padding) throw cutOff(file, header.name);
      if (header.type === 'L') longName = untilZero(body);
      else if (header.type === 'x') pax = readPax(body);
      continue;
    }
    const name = pax.get('GNU.sparse.name') ?? pax.get('path') ?? longName ?? header.name;
    if (header.type === 'S' || [...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
      throw new DataError(
        `“${name}” is stored as a sparse file.`,
        { file },
        'Make the archive again without tar --sparse (-S), or unpack it and drop the file.',
      );
    }
    longName = null;
    pax = new Map();
    const body = new EntryBody(input, size);
    if (isFile(header.type, name)) yield { name, open: () => new ByteStream(body) };
    // The last file may lack its padding.
    if ((await body.skipRest()) < size) throw cutOff(file, name);
    await input.skip(padding);
  }
}

/** The next `size` bytes of the archive, which stay where they are until they are asked for. */
class EntryBody implements AsyncIterator<Uint8Array> {
  readonly #input: ByteStream;
  readonly #size: number;
  #read = 0;

  constructor(input: ByteStream, size: number) {
    this.#input = input;
    this.#size = size;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const piece = this.#read < this.#size ? await this.#input.next(this.#size - this.#read) : null;
    if (piece === null) return { done: true, value: undefined };
    this.#read += piece.length;
    return { done: false, value: piece };
  }

  /** Bytes of the entry that there were. */
  async skipRest(): Promise<number> {
    return (this.#read += await this.#input.skip(this.#size - this.#read));
  }
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

function readHeader(block: Uint8Array): Header {
  const name = untilZero(block.subarray(0, 100));
  const isUstar = untilZero(block.subarray(257, 263)) === 'ustar';
  const prefix = isUstar ? untilZero(block.subarray(345, 500)) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: readNumber(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] || 48),
  };
}

function isFile(type: string, name: string): boolean {
  return (type === '0' || type === '7') && !name.endsWith('/');
}

/** Octal, or base 256 with the first bit set (GNU). */
function readNumber(field: Uint8Array): number {
  if (field[0] & 0x80) {
    let value = field[0] & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const text = untilZero(field).trim();
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : text === '' ? 0 : NaN;
}

/** Records `length key=value\n`. */
function readPax(body: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const decoder = new TextDecoder();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at);
    const length = Number(decoder.decode(body.subarray(at, space)));
    if (space === -1 || !(length > space - at)) break;
    const record = decoder.decode(body.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}

function untilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

export function tooManyEntries(file: string, entries: number): DataError {
  return new DataError(
    `it has more than ${entries.toLocaleString('en')} files, which is the limit.`,
    { file },
    'Join them to fewer files, or drop those that you mean.',
  );
}

function damaged(file: string, name: string): DataError {
  return new DataError(
    `the entry “${name}” of the tar archive is damaged.`,
    { file },
    'Download or copy it again.',
  );
}

function cutOff(file: string, name: string): DataError {
  return new DataError(
    `the tar archive ends in the middle of “${name}”.`,
    { file },
    'It is cut off: download or copy it again.',
  );
}
