import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type DataSource, joinSources, matchesPattern } from '../data/source.ts';
import { UsageError } from './usage.ts';

/**
 * Files, folders and patterns of this machine as one source that the data room reads: of a folder all files in it, of a pattern
 * with * those that it names. Throws UsageError, DataError.
 */
export async function openDataSource(paths: readonly string[]): Promise<DataSource> {
  const named = await Promise.all(paths.map(expand));
  const files = named.flatMap((expanded) => expanded.files);
  const isFound = named.some((expanded) => expanded.isFolder);
  if (files.length === 1 && !isFound) return openNamed(files[0], basename(files[0]));
  const folder = paths.length === 1 && isFound ? paths[0] : commonFolder(files);
  const sources = await Promise.all(files.map((file) => openNamed(file, relative(folder, file))));
  return joinSources(sources, { name: isFound ? paths.map(nameOf).join(', ') : undefined, chosen: !isFound });
}

/** Of a file: whether it is still the one that it was. */
export interface FileIdentity {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** The files that openDataSource would open. Throws UsageError. */
export async function identifyFiles(paths: readonly string[]): Promise<readonly FileIdentity[]> {
  const named = await Promise.all(paths.map(expand));
  return Promise.all(
    named
      .flatMap(({ files }) => files)
      .map(async (path) => {
        const { size, mtimeMs } = await statFile(path, '--data');
        return { path: resolve(path), bytes: size, modifiedMs: mtimeMs };
      }),
  );
}

/** A file that a flag names. Throws UsageError. */
export async function openFile(path: string, flag: string): Promise<Blob> {
  await statFile(path, flag);
  return openAsBlob(path);
}

async function statFile(path: string, flag: string) {
  const remedy = `Check the path after ${flag}.`;
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `There is no file ${path}.` : error.message, remedy);
  });
  if (!stats.isFile()) throw new UsageError(`${path} is not a file.`, remedy);
  return stats;
}

async function openNamed(path: string, name: string): Promise<DataSource> {
  return Object.assign(await openFile(path, '--data'), { name });
}

function nameOf(path: string): string {
  return basename(resolve(path));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A path with * in its last part as the files that it names; any other as it is, or the files of that folder. */
async function expand(
  path: string,
): Promise<{ readonly files: readonly string[]; readonly isFolder: boolean }> {
  if (await isFolder(path)) return { files: await filesBelow(path), isFolder: true };
  const pattern = basename(path);
  if (!pattern.includes('*')) return { files: [path], isFolder: false };
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const matching = names.filter((name) => matchesPattern(name, pattern));
  if (matching.length === 0) {
    throw new UsageError(`No file is named ${path}.`, 'Check the pattern after --data.');
  }
  return { files: matching.map((name) => join(folder, name)), isFolder: false };
}

function commonFolder(files: readonly string[]): string {
  const folders = new Set(files.map((file) => dirname(file)));
  return folders.size === 1 ? dirname(files[0]) : '.';
}
