import type { Dataset } from '../data/dataset.ts';
import { inspect } from '../data/load.ts';
import type { PreviewColumn } from '../data/source.ts';
import { type CommandSpec, type Flags, type FlagValues, parseFlags, switchFlag } from './flags.ts';
import { dataFlags, loadData, requireData } from './openData.ts';
import { openDataSource } from './openFiles.ts';

const command = {
  name: 'inspect',
  summary: 'Says what a file holds: format, columns, roles, cardinalities, splits and skipped lines.',
  usage: '--data FILE [flags]',
  flags: { ...dataFlags, json: switchFlag('One line of JSON instead of a page.') },
} satisfies CommandSpec<Flags>;

export async function inspectCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  const dataset = await loadData(flags);
  const inspection = describe(dataset, dataset.format === 'sample' ? [] : await readColumns(flags, dataset));
  process.stdout.write(flags.json ? `${JSON.stringify(inspection)}\n` : formatPage(inspection));
  return 0;
}

/** In file order, with the roles they had; none where --format overruled what the file looks like. */
async function readColumns(
  flags: FlagValues<typeof command.flags>,
  { format }: Dataset,
): Promise<readonly PreviewColumn[]> {
  const preview = await inspect(await openDataSource(requireData(flags)), undefined, flags);
  if (preview.format !== format) return [];
  return preview.columns.map(({ name, role }, i) => ({ name, role: flags.roles?.[i] ?? role }));
}

type Inspection = ReturnType<typeof describe>;

function describe(dataset: Dataset, columns: readonly PreviewColumn[]) {
  const { name, format, task, examples, splits, labelMean, numericColumns, report } = dataset;
  return {
    name,
    format,
    task,
    columns,
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

function formatPage(inspection: Inspection): string {
  const { name, format, task, columns, fields, numericColumns, examples, splits, labelMean, planted } =
    inspection;
  const { linesRead, bytesRead, skipped, warnings, sampled, minCount, splitBy, elapsedMs } = inspection;
  const lines = [
    `${name}: ${format}, ${task === 'click' ? 'clicks' : 'ratings'}`,
    `${count(linesRead)} lines, ${(bytesRead / 1e6).toFixed(2)} MB, read in ${(elapsedMs / 1000).toFixed(2)} s`,
    `${count(examples)} examples kept${sampled ? ', sampled at random' : ''}; mean label ${labelMean.toFixed(4)}`,
    `splits by ${splitBy}: ${count(splits.train)} training, ${count(splits.validation)} validation, ${count(splits.test)} test`,
    '',
    `${columns.length} columns:`,
    ...columns.map((column) => `  ${column.name}: ${column.role}`),
    '',
    `${fields.length} fields; values seen fewer than ${minCount} times share a row:`,
    ...fields.map((field) => `  ${field.name}: ${count(field.cardinality)} rows`),
    `${numericColumns.length} numeric columns${numericColumns.length > 0 ? `: ${numericColumns.join(', ')}` : ''}`,
    ...(planted ? ['', 'what is in this sample:', ...planted.map(({ sentence }) => `  ${sentence}`)] : []),
    '',
    skipped.length === 0 ? 'no lines skipped' : 'skipped lines:',
    ...skipped.map(
      ({ reason, count: n, firstLine }) => `  ${count(n)}: ${reason} (first: line ${firstLine})`,
    ),
    ...warnings.flatMap(({ message, remedy }) => ['', `warning: ${message}`, remedy]),
  ];
  return `${lines.join('\n')}\n`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
