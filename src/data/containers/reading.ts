import { concat } from './byteStream.ts';
import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import type { Limits } from './limits.ts';
import { Pace } from './pace.ts';

/** Bytes taken from a file at once: the same ones, however its stream is cut. */
const blockBytes = 1 << 16;

/** One reading of a file: how far it is, what it may still unpack, and whether it goes on. */
export class Reading {
  /** Bytes of the file read so far: compressed ones, where it is compressed. */
  bytesRead = 0;
  readonly file: string;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
  /** Works off the time slice of everything that this reading does. */
  readonly pace: Pace;
  #unpackedBytes = 0;

  constructor(file: string, limits: Limits, signal?: AbortSignal) {
    this.file = file;
    this.limits = limits;
    this.signal = signal;
    this.pace = new Pace(signal);
  }

  /** Counts what came out of a container. Throws DataError past the limits; rejects with the signal's reason. */
  async unpacked(bytes: number): Promise<void> {
    this.#unpackedBytes += bytes;
    const { unpackedBytes, freeBytes, ratio } = this.limits;
    const remedy = 'Unpack it yourself, look at what comes out, and drop that.';
    if (this.#unpackedBytes > unpackedBytes) {
      const problem = `more than ${formatBytes(unpackedBytes)} come out of it, which is the limit.`;
      throw new DataError(problem, { file: this.file }, remedy);
    }
    if (this.#unpackedBytes > freeBytes && this.#unpackedBytes > ratio * this.bytesRead) {
      const problem = `more than ${formatBytes(freeBytes)} and more than ${ratio} bytes for each of its own come out of it, which is the limit.`;
      throw new DataError(problem, { file: this.file }, remedy);
    }
    await this.pace.pause();
  }
}

/**
 * The bytes of a file in blocks of 64 KiB, the last one shorter, however its stream is cut. Rejects with the signal's reason soon
 * after it is aborted, also while the stream is silent.
 */
export async function* readBlocks(source: DataSource, reading: Reading): AsyncGenerator<Uint8Array> {
  const { signal, pace } = reading;
  const reader = source.stream().getReader();
  // What cancelling rejects with is already on its way up.
  const leave = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', leave);
  let pieces: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      await pace.pause();
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw toReadError(error, source.name);
      });
      signal?.throwIfAborted();
      if (done) break;
      for (let from = 0; from < value.length;) {
        const piece = value.subarray(from, from + blockBytes - length);
        pieces.push(piece);
        length += piece.length;
        from += piece.length;
        if (length < blockBytes) continue;
        reading.bytesRead += length;
        yield pieces.length === 1 ? piece : concat(pieces, length);
        pieces = [];
        length = 0;
        await pace.pause();
      }
    }
    reading.bytesRead += length;
    if (length > 0) yield concat(pieces, length);
  } finally {
    signal?.removeEventListener('abort', leave);
    leave();
  }
}

/** What the system says of a file that is not there any more, or not what it was, in words. */
export function toReadError(error: unknown, file: string): unknown {
  if (!(error instanceof DOMException) || !/^Not(Readable|Found)Error$/.test(error.name)) return error;
  return new DataError(
    'it was changed, moved or removed while it was read, or it may not be read.',
    { file },
    'See that it is complete and stays as it is, and open it again.',
  );
}

/** 1 MiB, 64 MiB, 1 TiB: limits are powers of two. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 2 ** (10 * unit);
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}
