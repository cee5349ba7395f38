import { DataError } from './errors.ts';
import { Pace } from './pace.ts';
import type { DataSource } from './source.ts';

/** Bytes decoded at once, but for the last piece: bounds memory and the work between two checks of the signal. */
const pieceBytes = 1 << 16;

export interface TextPiece {
  readonly text: string;
  /** Bytes read so far, this piece included. */
  readonly bytes: number;
}

/**
 * Streams a file as UTF-8 text in pieces of 64 KiB, however the stream is cut. A byte order mark is dropped. Throws DataError for
 * what is not UTF-8 text; rejects with the signal's reason soon after it is aborted, also while the stream is silent.
 */
export async function* readText(source: DataSource, signal?: AbortSignal): AsyncGenerator<TextPiece> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let lines = 1;
  for await (const piece of readPieces(source, signal)) {
    if (bytes === 0) refuseSignature(piece, source.name);
    const text = decode(decoder, piece, source.name, lines);
    bytes += piece.length;
    lines += countLineEnds(piece);
    yield { text, bytes };
  }
  const rest = decode(decoder, null, source.name, lines);
  if (rest !== '') yield { text: rest, bytes };
}

/** Bytes in pieces of pieceBytes, the last one shorter. A piece is overwritten by the next. */
async function* readPieces(source: DataSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = source.stream().getReader();
  const pace = new Pace(signal);
  // A stream that says nothing is left at once. What cancelling rejects with is already on its way up.
  const leave = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', leave);
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  try {
    while (true) {
      await pace.pause();
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      for (let from = 0; from < value.length;) {
        const taken = value.subarray(from, from + pieceBytes - filled);
        piece.set(taken, filled);
        filled += taken.length;
        from += taken.length;
        if (filled < pieceBytes) continue;
        yield piece;
        filled = 0;
        await pace.pause();
      }
    }
    if (filled > 0) yield piece.subarray(0, filled);
  } finally {
    signal?.removeEventListener('abort', leave);
    // Frees the file when the consumer stops early.
    leave();
  }
}

const saveAsUtf8 =
  'Save it as UTF-8 (in Excel “CSV UTF-8”, in an editor “Encoding: UTF-8”) and drop it again.';

const signatures: readonly {
  readonly bytes: readonly number[];
  readonly what: string;
  readonly remedy: string;
}[] = [
  {
    bytes: [0x1f, 0x8b],
    what: 'is compressed with gzip',
    remedy: 'Unpack it (gunzip) and drop the file inside.',
  },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'is a zip archive or an Excel workbook',
    remedy: 'Unpack the archive, or save the sheet as “CSV UTF-8”, and drop the text file.',
  },
  {
    bytes: [0x50, 0x41, 0x52, 0x31],
    what: 'is a Parquet file',
    remedy: 'Export it as CSV with a header line and drop that.',
  },
  { bytes: [0xff, 0xfe], what: 'is text in UTF-16, not UTF-8', remedy: saveAsUtf8 },
  { bytes: [0xfe, 0xff], what: 'is text in UTF-16, not UTF-8', remedy: saveAsUtf8 },
];

function refuseSignature(start: Uint8Array, file: string): void {
  const found = signatures.find(({ bytes }) => bytes.every((byte, i) => start[i] === byte));
  if (found) throw new DataError(`the file ${found.what}.`, { file }, found.remedy);
}

function decode(decoder: TextDecoder, piece: Uint8Array | null, file: string, firstLine: number): string {
  if (piece?.includes(0)) {
    throw new DataError(
      'the file holds zero bytes, so it is binary, or text in UTF-16.',
      { file, line: firstLine + countLineEnds(piece.subarray(0, piece.indexOf(0))) },
      `Drop a text file: CSV, TSV or a MovieLens or Criteo download, unpacked. If it is text: ${saveAsUtf8}`,
    );
  }
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
  } catch {
    throw new DataError(
      'the text is not valid UTF-8.',
      { file, line: firstLine + (piece ? lineEndsBeforeBadByte(piece) : 0) },
      `${saveAsUtf8} On a command line: iconv -f latin1 -t utf-8.`,
    );
  }
}

function lineEndsBeforeBadByte(piece: Uint8Array): number {
  // A piece may begin inside a good character: its continuation bytes are not the bad ones.
  let start = 0;
  while (start < 3 && (piece[start] & 0xc0) === 0x80) start++;
  const text = new TextDecoder().decode(piece.subarray(start));
  const bad = text.indexOf('\uFFFD');
  return bad === -1 ? 0 : text.slice(0, bad).split('\n').length - 1;
}

function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let i = bytes.indexOf(10); i !== -1; i = bytes.indexOf(10, i + 1)) count++;
  return count;
}
