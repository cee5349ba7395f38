import { access, constants, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { holdersOf, markPath, removeAtExit } from './processMarks.ts';
import { UsageError, WriteError } from './usage.ts';

/** The word of temporary files. */
const PART = 'part';

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Replaces a file whole: a temporary file beside it is written, flushed and renamed, so that whoever reads the path finds the earlier
 * file or the new one. Returns its bytes. Rejects with WriteError and with what making the pieces throws, and then the earlier file is
 * as it was.
 */
export async function writeWhole(path: string, pieces: Pieces): Promise<number> {
  try {
    return await replace(await behindLinks(path), pieces);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new WriteError(
      `${path} was not written: ${reasonOf(error)}.`,
      'Make room there, or give another place.',
    );
  }
}

async function replace(path: string, pieces: Pieces): Promise<number> {
  const earlier = await stat(path).catch(() => undefined);
  const temporary = markPath(path, PART);
  const keep = removeAtExit(temporary);
  try {
    const file = await open(temporary, 'w');
    let sizeBytes = 0;
    try {
      for await (const piece of pieces) sizeBytes += await writeAll(file, piece);
      if (earlier) await file.chmod(earlier.mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await flushFolder(dirname(path));
    return sizeBytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    keep();
  }
}

/** Writes all bytes at the current position of a file. Returns how many they are. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
  return bytes.length;
}

/**
 * Tries, before anything is trained for it, whether writeWhole could replace a file. Rejects with UsageError, which names the flag
 * that gave the path.
 */
export async function tryWholeWrite(path: string, flag: string): Promise<void> {
  const remedy = `Check the path after ${flag}.`;
  try {
    const target = await behindLinks(path);
    const earlier = await stat(target).catch(() => undefined);
    if (earlier && !earlier.isFile()) throw new UsageError(`${path} is not a file.`, remedy);
    if (earlier) await access(target, constants.W_OK);
    const temporary = markPath(target, PART);
    await holdersOf(target, PART); // sweeps what a killed process has left
    const file = await open(temporary, 'w');
    try {
      // A byte, because a full disk still takes empty files.
      await writeAll(file, new Uint8Array(1));
    } finally {
      await file.close();
      await rm(temporary, { force: true });
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be written: ${reasonOf(error, dirname(path))}.`, remedy);
  }
}

/** The file that a path leads to, so that a link stays a link. */
async function behindLinks(path: string): Promise<string> {
  return realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return path;
    throw error;
  });
}

/** The rename is on the disk when its folder is; some file systems cannot flush one. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota on that disk is used up',
  EFBIG: 'it would be larger than a file may be here (ulimit -f)',
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'that disk is read-only',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reports a fault',
};

/** Why a file could not be written or read, in words. `folder`: the one that may not be there. */
export function reasonOf(error: unknown, folder?: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no folder ${folder ?? 'for it any more'}`;
  return reasons[code] ?? message;
}
