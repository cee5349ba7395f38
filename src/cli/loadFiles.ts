import { DataError } from '../data/containers/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { load } from '../data/load.ts';
import type { LoadOptions, LoadProgress, MemoryLimits } from '../data/source.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { writeBytes, writeCount } from '../quantities/quantities.ts';
import { DataCache } from './dataCache.ts';
import { openEncoderThreads } from './encoderThreads.ts';
import { identifyFiles, openDataSource } from './openFiles.ts';
import { openStatusLine } from './statusLine.ts';

/** Files of fewer bytes are read again every time, unless a folder for what is kept is named. */
const CACHED_BYTES = 64e6;

/** Reads files, with progress on stderr. Rejects with UsageError, DataError. */
export async function loadFiles(
  paths: readonly string[],
  options: LoadOptions,
  memory: MemoryLimits,
): Promise<Dataset> {
  const source = await openDataSource(paths);
  const status = openStatusLine();
  try {
    return await load(
      source,
      options,
      (progress) => status.show(() => describeLoading(progress)),
      undefined,
      { ...memory, threads: openEncoderThreads() },
    );
  } finally {
    status.clear();
  }
}

/** What was kept of the same files, or else what they hold, which is kept then. `folder`: see DataCache. Rejects with UsageError, DataError. */
export async function loadCached(
  paths: readonly string[],
  options: LoadOptions,
  memory: MemoryLimits,
  folder?: string,
): Promise<ReadableDataset> {
  const files = await identifyFiles(paths);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (folder === undefined && bytes < CACHED_BYTES) return loadFiles(paths, options, memory);
  const cache = new DataCache(folder);
  const key = cache.keyOf(files, options);
  const kept = await cache.find(key);
  if (kept) {
    process.stderr.write(`${kept.name} is opened as it was kept in ${cache.folder}.\n`);
    return kept;
  }
  const dataset = await loadFiles(paths, options, memory);
  try {
    const size = writeBytes(await cache.keep(key, dataset, files));
    process.stderr.write(`${dataset.name} is kept in ${cache.folder} for the next start, ${size}.\n`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    process.stderr.write(`${dataset.name} is not kept in ${cache.folder}: ${error.message}\n`);
  }
  return dataset;
}

function describeLoading({ rows, bytes, totalBytes }: LoadProgress): string {
  return `${writeCount(rows)} rows, ${writeBytes(bytes)} of ${writeBytes(totalBytes)}`;
}
