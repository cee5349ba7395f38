import type { DataWarning } from '../data/dataset.ts';
import { type LabelRule, parseLabelRule } from '../data/labelReading.ts';
import { loadSample, type SampleId } from '../data/load.ts';
import { type ColumnRole, defaultLoadOptions, type ListChoice, type LoadOptions } from '../data/source.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { listSeparators } from '../data/profile/listTally.ts';
import {
  choiceFlag,
  countFlag,
  type Flag,
  type FlagValues,
  switchFlag,
  textFlag,
  textsFlag,
} from './flags.ts';
import { loadCached, loadFiles } from './loadFiles.ts';
import { readMemoryLimits } from './memoryLimits.ts';
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

const splitCells: Flag<readonly ListChoice[]> = {
  placeholder: 'COLUMN=SEPARATOR',
  help: 'A column of lists, as “genres=|”, and where its cells are split: |, “;”, “,” or blank. Few different parts become a field each, else the first 8 parts do. May be given several times. Default: a cell is one value.',
  parse(text) {
    const at = text.lastIndexOf('=');
    const [column, separator] = [text.slice(0, at), text.slice(at + 1)];
    const known = separator === 'blank' ? ' ' : listSeparators.find((one) => one === separator);
    if (at > 0 && known) return [{ column, separator: known }];
    throw new UsageError(
      `“${text}” is no column and separator`,
      'Give “genres=|”, “tags=,” or “tags=blank”, in quotes.',
    );
  },
  join: (before, next) => [...before, ...next],
};

const transformNames = ['log', 'signed-log', 'standardise', 'auto'] as const;

const transforms: Flag<NonNullable<LoadOptions['transforms']>> = {
  placeholder: 'TRANSFORM,…',
  help: `What models see of the numbers of a table, one a column in file order: ${transformNames.join(', ')}; columns with another role: auto. Default: by their profile.`,
  parse: (text) =>
    text.split(',').map((cell) => {
      const name = transformNames.find((one) => one === cell.trim());
      if (!name)
        throw new UsageError(
          `“${cell}” is no transform`,
          `Give one of ${transformNames.join(', ')} a column.`,
        );
      return name === 'auto' ? null : name;
    }),
};

const ruleFlag = (help: string): Flag<LabelRule> => ({
  placeholder: 'RULE',
  help,
  parse(text) {
    const rule = parseLabelRule(text);
    if (rule) return rule;
    throw new UsageError(`“${text}” is no rule for labels`, 'Give “>=4”, “>0” or “=buy”, in quotes.');
  },
});

/** The flags of every command that reads data. */
export const dataFlags = {
  data: textsFlag(
    'FILE',
    'Criteo, Avazu, MovieLens, any CSV or TSV, JSON lines or Parquet, also in gzip, zip, tar or zst; or a folder of parts. May be given several times, and hold * in quotes.',
  ),
  entry: textFlag('NAME', 'The file of an archive or a folder that is meant, with * for any characters.'),
  encoding: textFlag('NAME', 'Of text: utf-8, windows-1252, shift_jis, …. Default: by its content.'),
  sample: choiceFlag(['clicks', 'ratings'], 'A built-in sample instead of a file.'),
  format: choiceFlag(
    ['criteo', 'avazu', 'movielens-tab', 'movielens-colons', 'movielens-csv', 'table'],
    'Format of the file. Default: by its content.',
  ),
  roles,
  transforms,
  splitCells,
  minCount: countFlag(
    'N',
    'Values seen less often in training share the rare row. Default: 2, ratings 1.',
    [1, 1e9],
  ),
  maxExamples: countFlag('N', 'Of more lines than this a random sample is kept. Default: all are.', [1, 1e9]),
  splitBy: choiceFlag(
    ['hash', 'time', 'stratified', 'leave-last-out'],
    'How lines are put into the splits; stratified: each label has its share of every split; leave-last-out: of every user the last is the test, the one before it validation. Default: hash.',
  ),
  dateOrder: choiceFlag(
    ['day-first', 'month-first'],
    'What 3/4/2024 begins with. Default: as the column says.',
  ),
  decimal: choiceFlag(['point', 'comma'], 'The decimal mark of a table. Default: as each column says.'),
  labelRule: ruleFlag('Makes 0 and 1 of the label column of a table: “>=4”, “>0” or “=buy”.'),
  positive: ruleFlag(
    'Learns a ranking of the lines whose label fulfils this rule, as “>=4”; the others are no examples. Logs without a label are learnt so by themselves.',
  ),
  cache: textFlag(
    'DIR',
    'Where encoded data sets are kept for the next start. Default: dimmer in XDG_CACHE_HOME or ~/.cache, for files from 64 MB on.',
  ),
  noCache: switchFlag('Keeps nothing, and reads the file again.'),
} as const;

type DataFlagValues = FlagValues<typeof dataFlags>;

/** The file or sample that the flags name, loaded, with progress and warnings on stderr; `keepNames`: see LoadOptions;
 * `processes` load it side by side. Throws UsageError, DataError. */
export async function loadData(
  flags: DataFlagValues,
  { keepNames = false, tellsWarnings = true, processes = 1 } = {},
): Promise<ReadableDataset> {
  if (flags.data !== undefined && flags.sample !== undefined) {
    throw new UsageError('--data and --sample are both given.', 'Give one of them.');
  }
  const sample = flags.sample ?? sampleOf(flags);
  if (sample !== undefined) return loadSample(sample);
  const options = { ...toLoadOptions(flags), keepNames };
  const memory = readMemoryLimits(processes);
  const paths = requireData(flags);
  const dataset = flags.noCache
    ? await loadFiles(paths, options, memory)
    : await loadCached(paths, options, memory, flags.cache);
  if (tellsWarnings)
    for (const warning of dataset.report.warnings) process.stderr.write(describeWarning(warning));
  return dataset;
}

const SAMPLE_SCHEME = 'sample:';

/** --data sample:clicks is --sample clicks. */
export function sampleOf({ data }: DataFlagValues): SampleId | undefined {
  const [first = '', ...others] = data ?? [];
  return others.length === 0 && isSample(first)
    ? dataFlags.sample.parse(first.slice(SAMPLE_SCHEME.length))
    : undefined;
}

/** Whether a value of --data names a sample instead of a file. */
export function isSample(data: string): boolean {
  return data.startsWith(SAMPLE_SCHEME);
}

export function requireData({ data }: DataFlagValues): readonly string[] {
  if (data === undefined)
    throw new UsageError('--data is missing.', 'Give a file to read, or --sample clicks.');
  return data;
}

export function toLoadOptions(flags: DataFlagValues): LoadOptions {
  const { format, roles, minCount, maxExamples, splitBy } = defaultLoadOptions;
  return {
    format: flags.format ?? format,
    roles: flags.roles ?? roles,
    minCount: flags.minCount ?? minCount,
    maxExamples: flags.maxExamples ?? maxExamples,
    splitBy: flags.splitBy ?? splitBy,
    encoding: flags.encoding ?? null,
    entry: flags.entry ?? null,
    dateOrder: flags.dateOrder ?? null,
    decimalMark: flags.decimal === undefined ? null : flags.decimal === 'comma' ? ',' : '.',
    labelRule: flags.labelRule ?? null,
    transforms: flags.transforms ?? null,
    splitCells: flags.splitCells ?? null,
    positive: flags.positive ?? null,
  };
}

/** What was found, and on a line of its own what to do about it. */
export function describeWarning({ message, remedy }: DataWarning): string {
  return `warning: ${message}\n  ${remedy}\n`;
}
