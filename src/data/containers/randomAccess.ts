import { type ByteStream, concat } from './byteStream.ts';
import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import { formatBytes, type Reading, toReadError } from './reading.ts';

/** Bytes that can be read in any order. */
export interface RandomAccess {
  readonly size: number;
  /** Bytes [start, end), of a buffer of their own. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that has slices: nothing is read before it is asked for. */
export function openSlices(source: DataSource, reading: Reading): RandomAccess {
  const { size } = source;
  let counted = 0;
  return {
    size,
    async read(start, end) {
      await reading.pace.pause();
      const slice = source.slice!(start, Math.min(end, size));
      const bytes = new Uint8Array(
        await slice.arrayBuffer().catch((error: unknown) => {
          throw toReadError(error, source.name);
        }),
      );
      reading.signal?.throwIfAborted();
      // Directories and footers lie at the end; progress is how far what lies before them is read.
      const progress = end < size ? Math.max(0, end - counted) : 0;
      counted += progress;
      reading.bytesRead += progress;
      return bytes;
    },
  };
}

/** A file inside a container is held in memory. Throws DataError where it is larger than the limit. */
export async function hold(bytes: ByteStream, file: string, reading: Reading): Promise<RandomAccess> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const { heldBytes } = reading.limits;
  for await (const piece of bytes) {
    pieces.push(piece);
    size += piece.length;
    if (size > heldBytes) {
      throw new DataError(
        `it is larger than ${formatBytes(heldBytes)} and lies inside another container, so that it cannot be read in part.`,
        { file },
        'Unpack the outer container and drop this file itself.',
      );
    }
  }
  const all = concat(pieces, size);
  return { size, read: (start, end) => Promise.resolve(all.slice(start, end)) };
}
