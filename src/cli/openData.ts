import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import type { Dataset } from '../data/dataset.ts';
import { load, loadSample, type SampleId } from '../data/load.ts';
import {
  type ColumnRole,
  type DataSource,
  defaultLoadOptions,
  type LoadOptions,
  type LoadProgress,
} from '../data/source.ts';
import { choiceFlag, countFlag, type Flag, type FlagValues, textFlag } from './flags.ts';
import { openStatusLine } from './statusLine.ts';
import { UsageError } from './usage.ts';

const roleNames: readonly ColumnRole[] = ['label', 'number', 'category', 'time', 'ignore'];

const roles: Flag<readonly ColumnRole[]> = {
  placeholder: 'ROLE,ROLE,…',
  help: `Roles of the columns of a table, in file order: ${roleNames.join(', ')}. Default: guessed.`,
  parse: (text) =>
    text.split(',').map((cell) => {
      const role = roleNames.find((name) => name === cell.trim());
      if (!role)
        throw new UsageError(`“${cell}” is no role`, `Give one of ${roleNames.join(', ')} a column.`);
      return role;
    }),
};

/** The flags of every command that reads data. */
export const dataFlags = {
  data: textFlag('FILE', 'Criteo, Avazu, MovieLens, or any CSV or TSV with a header.'),
  sample: choiceFlag(['clicks', 'ratings'], 'A built-in sample instead of a file.'),
  format: choiceFlag(
    ['criteo', 'avazu', 'movielens-tab', 'movielens-colons', 'movielens-csv', 'table'],
    'Format of the file. Default: by its content.',
  ),
  roles,
  minCount: countFlag('N', 'Values seen less often in training share the rare row. Default: 2, ratings 1.'),
  maxExamples: countFlag('N', 'Of more lines than this a random sample is kept. Default: 2000000.'),
  splitBy: choiceFlag(['hash', 'time'], 'How lines are put into the splits. Default: hash.'),
} as const;

type DataFlagValues = FlagValues<typeof dataFlags>;

/** A file of this machine as the data room reads it. Throws UsageError. */
export async function openDataSource(path: string): Promise<DataSource> {
  const blob = await openFile(path, '--data');
  return Object.assign(blob, { name: basename(path) });
}

/** A file that a flag names. Throws UsageError. */
export async function openFile(path: string, flag: string): Promise<Blob> {
  const remedy = `Check the path after ${flag}.`;
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `There is no file ${path}.` : error.message, remedy);
  });
  if (!stats.isFile()) throw new UsageError(`${path} is not a file.`, remedy);
  return openAsBlob(path);
}

/** The file or sample that the flags name, loaded, with progress on stderr; `keepNames`: see LoadOptions. Throws UsageError, DataError. */
export async function loadData(flags: DataFlagValues, { keepNames = false } = {}): Promise<Dataset> {
  if (flags.data !== undefined && flags.sample !== undefined) {
    throw new UsageError('--data and --sample are both given.', 'Give one of them.');
  }
  const sample = flags.sample ?? sampleOf(flags);
  if (sample !== undefined) return loadSample(sample);
  const status = openStatusLine();
  const options = { ...toLoadOptions(flags), keepNames };
  const dataset = await load(
    await openDataSource(requireData(flags)),
    options,
    (progress) => status.show(() => describeLoading(progress)),
    undefined,
    { heapBytes: getHeapStatistics().heap_size_limit, totalBytes: totalmem() },
  );
  status.clear();
  return dataset;
}

/** --data sample:clicks is --sample clicks. */
function sampleOf({ data }: DataFlagValues): SampleId | undefined {
  const [scheme, name] = data?.split(':') ?? [];
  return scheme === 'sample' ? dataFlags.sample.parse(name) : undefined;
}

export function requireData({ data }: DataFlagValues): string {
  if (data === undefined) throw new UsageError('--data is missing.', 'Give a file to read.');
  return data;
}

function toLoadOptions(flags: DataFlagValues): LoadOptions {
  const { format, roles, minCount, maxExamples, splitBy } = defaultLoadOptions;
  return {
    format: flags.format ?? format,
    roles: flags.roles ?? roles,
    minCount: flags.minCount ?? minCount,
    maxExamples: flags.maxExamples ?? maxExamples,
    splitBy: flags.splitBy ?? splitBy,
  };
}

/** Equal for the same examples, encoded and split in the same way, whatever the file is called. */
export function fingerprintOf({ task, fields, splits, ids, numbers, labels }: Dataset): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([task, fields.map((field) => field.cardinality), splits]));
  for (const { buffer, byteOffset, byteLength } of [ids, numbers, labels])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 16);
}

function describeLoading({ rows, bytes, totalBytes }: LoadProgress): string {
  return `${rows.toLocaleString('en')} rows, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}

function megabytes(sizeBytes: number): string {
  return (sizeBytes / 1e6).toFixed(1);
}
