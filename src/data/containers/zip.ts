import type { Entry, FileEntry } from '@zip.js/zip.js';
import { ByteStream } from './byteStream.ts';
import { DataError } from './errors.ts';
import type { RandomAccess } from './randomAccess.ts';
import type { Reading } from './reading.ts';
import { tooManyEntries } from './tar.ts';

export interface ZipEntry {
  readonly name: string;
  /** Unpacks it, from its start, as it is read. Throws DataError. */
  open(): ByteStream;
}

/**
 * The files of a zip archive (Zip64 and data descriptors too) in the order of its directory. Throws DataError where it is damaged,
 * has too many, or is an Office document.
 */
export async function readZip(archive: RandomAccess, file: string, reading: Reading): Promise<ZipEntry[]> {
  const { ZipReader, Reader, configure } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });

  class Slices extends Reader<RandomAccess> {
    override size = archive.size;
    override readUint8Array(start: number, length: number): Promise<Uint8Array> {
      return archive.read(start, start + length);
    }
  }

  const reader = new ZipReader(new Slices(archive));
  const found: FileEntry[] = [];
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (found.length === reading.limits.entries) throw tooManyEntries(file, reading.limits.entries);
      if (!isFolder(entry)) found.push(entry);
      await reading.pace.pause();
    }
  } catch (error) {
    throw toDataError(error, file, reading);
  }
  if (found.some(({ filename }) => filename === '[Content_Types].xml')) {
    throw new DataError(
      'it is an Office document, such as an Excel workbook (xlsx).',
      { file },
      'Save the sheet as “CSV UTF-8” and drop that.',
    );
  }
  return found.map((entry) => ({
    name: entry.filename,
    open: () => new ByteStream(unzip(entry, file, reading)),
  }));
}

function isFolder(entry: Entry): entry is Exclude<Entry, FileEntry> {
  return entry.directory;
}

async function* unzip(entry: FileEntry, file: string, reading: Reading): AsyncGenerator<Uint8Array> {
  const place = `${file} › ${entry.filename}`;
  if (entry.encrypted) {
    throw new DataError(
      'it is encrypted.',
      { file: place },
      'Unpack it with its password and drop the file.',
    );
  }
  const stop = new AbortController();
  const { readable, writable, fail } = openPipe();
  const unpacking = entry.getData(writable, { signal: stop.signal, checkSignature: true });
  // Where it fails before it writes, zip.js leaves the stream open.
  unpacking.catch(fail);
  const reader = readable.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      await reading.unpacked(value.length);
      yield value;
    }
    await unpacking;
  } catch (error) {
    throw toDataError(error, place, reading);
  } finally {
    stop.abort();
    await reader.cancel().catch(() => undefined);
  }
}

/** Two ends of a stream, and what breaks both. */
function openPipe() {
  const controllers: TransformStreamDefaultController<Uint8Array>[] = [];
  const pipe = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => void controllers.push(controller),
  });
  const { readable, writable } = pipe;
  return { readable, writable, fail: (error: unknown) => controllers[0].error(error) };
}

/** Errors of zip.js and of the streams below it say what they are in words; those of reading go on as they are. */
function toDataError(error: unknown, file: string, reading: Reading): unknown {
  if (error instanceof DataError || reading.signal?.aborted) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/compression/i.test(message) && /unsupported|not supported/i.test(message)) {
    return new DataError(
      'it is compressed in a way that is not read here.',
      { file },
      'Unpack it, or make the zip archive again with the usual compression (deflate).',
    );
  }
  return new DataError(
    `the zip archive is damaged or cut off: ${message.replace(/\.$/, '')}.`,
    { file },
    'Download or copy it again.',
  );
}
