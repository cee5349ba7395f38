import type { ByteStream } from './byteStream.ts';
import { DataError } from './errors.ts';
import type { Reading } from './reading.ts';

/** Of zstddec's module: the streaming interface of zstd's own decoder, compiled to WebAssembly. */
interface ZstdExports {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(address: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): void;
  ZSTD_DStreamInSize(): number;
  ZSTD_DStreamOutSize(): number;
  /** 0: a frame is complete. An error is a size_t close to its greatest value. */
  ZSTD_decompressStream(context: number, output: number, input: number): number;
}

/** An instance that keeps more memory than this, of a long window, is let go: WebAssembly memory never shrinks. */
const keptBytes = 2 ** 25;

const state = {
  module: null as Promise<WebAssembly.Module> | null,
  /** One that nobody uses. */
  spare: null as ZstdExports | null,
};

/**
 * What a zst file holds: all its frames, checksums compared where there are some, windows up to 128 MiB (zstd --long). Throws
 * DataError where it is damaged, cut off, or needs a larger window.
 */
export async function* unzstd(input: ByteStream, file: string, reading: Reading): AsyncGenerator<Uint8Array> {
  const zstd = state.spare ?? (await instantiate());
  state.spare = null;
  const [inSize, outSize] = [zstd.ZSTD_DStreamInSize(), zstd.ZSTD_DStreamOutSize()];
  const context = zstd.ZSTD_createDCtx();
  const buffers = [inSize, outSize, 12, 12].map((bytes) => zstd.malloc(bytes));
  try {
    yield* decompress(zstd, context, buffers, input, file, reading);
  } finally {
    zstd.ZSTD_freeDCtx(context);
    for (const buffer of buffers) zstd.free(buffer);
    if (zstd.memory.buffer.byteLength <= keptBytes) state.spare = zstd;
  }
}

async function* decompress(
  zstd: ZstdExports,
  context: number,
  [source, target, inBuffer, outBuffer]: readonly number[],
  input: ByteStream,
  file: string,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const [inSize, outSize] = [zstd.ZSTD_DStreamInSize(), zstd.ZSTD_DStreamOutSize()];
  let isComplete = true;
  for (let piece = await input.next(inSize); piece !== null; piece = await input.next(inSize)) {
    new Uint8Array(zstd.memory.buffer).set(piece, source);
    writeBuffer(zstd, inBuffer, source, piece.length);
    let isFull = false;
    while (readPosition(zstd, inBuffer) < piece.length || isFull) {
      writeBuffer(zstd, outBuffer, target, outSize);
      const status = zstd.ZSTD_decompressStream(context, outBuffer, inBuffer) | 0;
      if (status < 0 && status > -128) throw damaged(-status, file);
      const written = readPosition(zstd, outBuffer);
      isFull = written === outSize && status !== 0;
      isComplete = status === 0;
      if (written === 0) continue;
      await reading.unpacked(written);
      yield new Uint8Array(zstd.memory.buffer).slice(target, target + written);
    }
  }
  if (!isComplete) {
    throw new DataError(
      'the zst file ends in the middle of its data.',
      { file },
      'It is cut off: download or copy it again.',
    );
  }
}

/** zstd's numbers of errors, of those that say something else than damaged. */
const windowTooLarge = 16;
const memoryAllocation = 64;
const checksumWrong = 22;

function damaged(code: number, file: string): DataError {
  if (code === windowTooLarge || code === memoryAllocation) {
    return new DataError(
      'the zst file needs a window of more than 128 MiB.',
      { file },
      'Compress it again with zstd --long=27 or less, or unpack it (zstd -d --long=31) and drop what comes out.',
    );
  }
  const what = code === checksumWrong ? 'its checksum is wrong' : `zstd's error ${code}`;
  return new DataError(`the zst file is damaged: ${what}.`, { file }, 'Download or copy it again.');
}

/** A struct of three words: address, size, position. */
function writeBuffer({ memory }: ZstdExports, at: number, address: number, size: number): void {
  new Uint32Array(memory.buffer, at, 3).set([address, size, 0]);
}

function readPosition({ memory }: ZstdExports, at: number): number {
  return new Uint32Array(memory.buffer, at, 3)[2];
}

async function instantiate(): Promise<ZstdExports> {
  state.module ??= compile();
  const instance = await WebAssembly.instantiate(await state.module, {
    env: { emscripten_notify_memory_growth: () => {} },
  });
  return instance.exports as unknown as ZstdExports;
}

/**
 * The module as zstddec's source holds it. Its own decoder fetches it from a data: address, which a page could only do whose policy
 * lets data be fetched from anywhere.
 */
async function compile(): Promise<WebAssembly.Module> {
  const { default: source } = await import('zstddec/stream?raw');
  const base64 = /"(AGFzbQ[^"]*)"/.exec(source)![1]; // all modules begin so
  return WebAssembly.compile(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}
