import type { DatasetInfo } from '../data/dataset.ts';
import { inspect } from '../data/load.ts';
import type { UnfitLines } from '../data/profile/profile.ts';
import type { Preview } from '../data/source.ts';
import { describeTransform } from '../data/transform.ts';
import { writeBytes, writeCount } from '../quantities/quantities.ts';
import { type CommandSpec, type Flags, parseFlags, switchFlag } from './flags.ts';
import { formatColumns } from './inspectColumns.ts';
import { dataFlags, describeWarning, loadData, requireData, sampleOf, toLoadOptions } from './openData.ts';
import { openDataSource } from './openFiles.ts';

const command = {
  name: 'inspect',
  summary:
    'Says what a file holds: format, the profile and role of every column, cardinalities, splits, skipped lines and what may be wrong.',
  usage: '--data FILE [flags]',
  flags: { ...dataFlags, json: switchFlag('One line of JSON instead of a page.') },
} satisfies CommandSpec<Flags>;

export async function inspectCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  const isSample = flags.sample !== undefined || sampleOf(flags) !== undefined;
  const preview = isSample
    ? null
    : await inspect(await openDataSource(requireData(flags)), undefined, toLoadOptions(flags), true);
  // What the columns hold is shown also where no data set can come of it.
  if (preview && !flags.json) process.stdout.write(formatPreview(preview));
  const dataset = await loadData(flags, { tellsWarnings: false });
  process.stdout.write(
    flags.json ? `${JSON.stringify(describe(dataset, preview))}\n` : formatDataset(dataset),
  );
  return 0;
}

function describe(dataset: DatasetInfo, preview: Preview | null) {
  const { name, format, task, examples, splits, labelMean, numericColumns, report } = dataset;
  return {
    name,
    format,
    task,
    columns: preview?.columns ?? [],
    profiled: preview?.profiled ?? null,
    labelReading: preview?.labelReading ?? null,
    fields: dataset.fields.map(({ name, cardinality }) => ({ name, cardinality })),
    numericColumns,
    examples,
    splits: {
      train: splits.train.count,
      validation: splits.validation.count,
      test: splits.test.count,
    },
    labelMean,
    planted: dataset.planted?.map(({ kind, fields, sentence }) => ({ kind, fields, sentence })),
    ...report,
  };
}

function formatPreview({ columns, profiled, labelReading }: Preview): string {
  const lines = [
    `${columns.length} columns${profiled ? `, from ${profiled.sample} (${writeCount(profiled.rows)})` : ''}:`,
    ...(profiled?.unfit ?? []).map(formatUnfit),
    ...formatColumns(columns),
    ...(labelReading ? [`labels: ${labelReading}`] : []),
  ];
  return `${lines.join('\n')}\n\n`;
}

function formatUnfit({ reason, count: lines, firstLine }: UnfitLines): string {
  return `  left out: ${writeCount(lines)} of them: ${reason}${firstLine === null ? '' : ` (first: line ${firstLine})`}`;
}

function formatDataset(dataset: DatasetInfo): string {
  const { name, format, task, examples, splits, labelMean, numericColumns, planted, report, fields } =
    dataset;
  const { linesRead, bytesRead, skipped, warnings, sampled, minCount, splitBy, elapsedMs } = report;
  const lines = [
    `${name}: ${format}, ${{ click: 'clicks', rating: 'a number to predict', ranking: 'items to rank for users' }[task]}`,
    `${writeCount(linesRead)} lines, ${writeBytes(bytesRead)}, read in ${(elapsedMs / 1000).toFixed(2)} s`,
    `${writeCount(examples)} examples kept${sampled ? ', sampled at random' : ''}; mean label ${Number(labelMean.toPrecision(5))}`,
    `splits by ${splitBy}: ${writeCount(splits.train.count)} training, ${writeCount(splits.validation.count)} validation, ${writeCount(splits.test.count)} test`,
    '',
    `${fields.length} fields; values seen fewer than ${minCount} times share a row:`,
    ...fields.map((field) => `  ${field.name}: ${writeCount(field.cardinality)} rows`),
    `${numericColumns.length} numeric columns${numericColumns.length > 0 ? ':' : ''}`,
    ...numericColumns.map(({ name, transform }) => `  ${name}: ${describeTransform(transform)}`),
    ...(planted ? ['', 'what is in this sample:', ...planted.map(({ sentence }) => `  ${sentence}`)] : []),
    '',
    skipped.length === 0 ? 'no lines skipped' : 'skipped lines:',
    ...skipped.map(
      ({ reason, count: n, firstLine }) => `  ${writeCount(n)}: ${reason} (first: line ${firstLine})`,
    ),
    ...(warnings.length > 0 ? [''] : []),
    ...warnings.map((warning) => describeWarning(warning).trimEnd()),
  ];
  return `${lines.join('\n')}\n`;
}
