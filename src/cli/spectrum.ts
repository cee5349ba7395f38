import { fingerprintOf } from '../data/fingerprint.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import type { FieldReport } from '../training/spectrum/fieldReport.ts';
import { openRun, type RunDescription } from '../training/weights/runFile.ts';
import { UsageError } from './usage.ts';
import { dataFlags, loadData } from './openData.ts';
import { openFile } from './openFiles.ts';
import {
  choiceFlag,
  type CommandSpec,
  countFlag,
  type Flags,
  parseFlags,
  switchFlag,
  textFlag,
} from './flags.ts';
import { printField, printRun } from './spectrumReport.ts';
import { reportSavedField } from '../training/spectrum/savedRows.ts';

const command = {
  name: 'spectrum',
  summary:
    'Says what the tables of a saved run hold, field by field: singular values of table × projection, the rank that keeps 90 and 99 % ' +
    'of the energy, how fast they fall and the α that this suggests, and rows that matter more than their popularity says.',
  usage: '(--data FILE | --data sample:clicks) --run FILE [flags]',
  flags: {
    ...dataFlags,
    run: textFlag('FILE', 'A run that train --save wrote, on the same data.'),
    rows: countFlag('N', 'Rows told of each field. Default: 3.', [0, 1e6]),
    sketch: choiceFlag(
      ['none', 'count-sketch', 'srht'],
      'Of long tables, instead of all rows. Default: none, exact.',
    ),
    json: switchFlag('A line of JSON a field instead of a table.'),
  },
} satisfies CommandSpec<Flags>;

/** Throws UsageError, DataError, TrainingError. */
export async function spectrumCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  if (flags.run === undefined)
    throw new UsageError('--run is missing.', 'Give a file that train --save wrote.');
  const saved = await openRun(await openFile(flags.run, '--run'));
  // Only tables are measured, but figures of a file that is damaged elsewhere are worth nothing either.
  await saved.check();
  const { run } = saved;
  const dataset = await loadData(flags, { keepNames: true });
  await checkData(run, dataset);
  const { rows = 3, sketch = 'none', json = false } = flags;
  const reports: FieldReport[] = [];
  for (const [field, { name }] of dataset.fields.entries()) {
    const report = await reportSavedField(saved, dataset.fields, field, { sketch, surprises: rows });
    if (!report) {
      process.stderr.write(`${name} is left out: its vectors are more than rows of a table.\n`);
      continue;
    }
    reports.push(report);
    printField(report, json, reports.length === 1);
  }
  printRun(reports, run, json);
  return 0;
}

async function checkData({ data }: RunDescription, dataset: ReadableDataset): Promise<void> {
  const remedy = 'Give the file and the flags that the run was trained on.';
  if (rowsOf(data.fields) !== rowsOf(dataset.fields))
    throw new UsageError(`The run was trained on ${data.name}, whose fields are others.`, remedy);
  if (data.fingerprint !== null && data.fingerprint !== (await fingerprintOf(dataset)))
    throw new UsageError(`The run was trained on ${data.name}, whose examples are others.`, remedy);
}

function rowsOf(fields: RunDescription['data']['fields']): string {
  return fields.map(({ name, cardinality }) => `${name} ${cardinality}`).join();
}
