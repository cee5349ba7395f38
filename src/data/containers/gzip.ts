import type { ByteStream } from './byteStream.ts';
import { DataError } from './errors.ts';
import type { Reading } from './reading.ts';

/** Bytes that come out at once, whatever a member claims. */
const outputBytes = 1 << 18;
/** zlib's code for a window of 32 KiB and a gzip header. */
const gzipWindowBits = 31;

/**
 * What a gzip file holds, of one member or many (cat a.gz b.gz, bgzip), each checked against its CRC and length. Zeros after the
 * last member are padding. Throws DataError where it is damaged, cut off, or followed by anything else.
 */
export async function* gunzip(input: ByteStream, file: string, reading: Reading): AsyncGenerator<Uint8Array> {
  const { ZStream, zlibInflate, zlibInflateInit2, zlibInflateReset, Z_NO_FLUSH, Z_STREAM_END, Z_BUF_ERROR } =
    await import('pako');
  const stream = new ZStream();
  zlibInflateInit2(stream, gzipWindowBits);
  let member = 1;
  while (true) {
    const piece = await input.next();
    if (piece === null) {
      throw new DataError(
        `the gzip file ends in the middle of ${member === 1 ? 'its data' : `member ${member}`}.`,
        { file },
        'It is cut off: download or copy it again.',
      );
    }
    stream.input = piece;
    stream.next_in = 0;
    stream.avail_in = piece.length;
    let isFull = false;
    while (stream.avail_in > 0 || isFull) {
      stream.output = new Uint8Array(outputBytes);
      stream.next_out = 0;
      stream.avail_out = outputBytes;
      const status = zlibInflate(stream, Z_NO_FLUSH);
      isFull = stream.avail_out === 0;
      if (stream.next_out > 0) {
        await reading.unpacked(stream.next_out);
        yield stream.output.subarray(0, stream.next_out);
      }
      if (status === Z_STREAM_END) {
        input.putBack(piece.subarray(stream.next_in));
        if (!(await hasNextMember(input, member, file))) return;
        member++;
        zlibInflateReset(stream);
        break;
      }
      if (status < 0 && status !== Z_BUF_ERROR) {
        throw new DataError(
          `the gzip file is damaged${member === 1 ? '' : ` in member ${member}`}: ${stream.msg || 'no valid data'}.`,
          { file },
          'Download or copy it again.',
        );
      }
    }
  }
}

async function hasNextMember(input: ByteStream, member: number, file: string): Promise<boolean> {
  const [first, second] = await input.peek(2);
  if (first === 0x1f && second === 0x8b) return true;
  let garbage = 0;
  for await (const piece of input)
    if (garbage > 0 || piece.some((byte) => byte !== 0)) garbage += piece.length;
  if (garbage === 0) return false;
  throw new DataError(
    `something that is not gzip follows the end of its data (${member} ${member === 1 ? 'member' : 'members'}).`,
    { file },
    'Download or copy it again, or unpack it yourself with gunzip, which leaves out what follows.',
  );
}
