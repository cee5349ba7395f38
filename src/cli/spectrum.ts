import { type BlockFactor, fieldSpectrum, leverageChanges } from '../analysis/fieldSpectrum.ts';
import type { DenseMatrix } from '../analysis/matrix.ts';
import { rowNorms } from '../analysis/rowNorms.ts';
import {
  distortionBound,
  type SketchKind,
  sketches,
  typicalError,
  usualSketchRows,
} from '../analysis/sketch.ts';
import { triangularFactor } from '../analysis/triangularFactor.ts';
import type { Dataset } from '../data/dataset.ts';
import { type FieldReport, reportField } from '../training/fieldReport.ts';
import { openRun, type RunDescription, type SavedBlock } from '../training/runFile.ts';
import type { TensorFile } from '../training/safetensors.ts';
import { popularityFactors } from '../training/spectra.ts';
import { UsageError } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  choiceFlag,
  type CommandSpec,
  countFlag,
  type Flags,
  parseFlags,
  switchFlag,
  textFlag,
} from './flags.ts';
import { dataFlags, loadData, openFile } from './openData.ts';
import { printField, printRun } from './spectrumReport.ts';

const SEED = 1;

const command = {
  name: 'spectrum',
  summary:
    'Says what the tables of a saved run hold, field by field: singular values of table × projection, the rank that keeps 90 and 99 % ' +
    'of the energy, how fast they fall and the α that this suggests, and rows that matter more than their popularity says.',
  usage: '(--data FILE | --data sample:clicks) --run FILE [flags]',
  flags: {
    ...dataFlags,
    run: textFlag('FILE', 'A run that train --save wrote, on the same data.'),
    rows: countFlag('N', 'Rows told of each field. Default: 3.', 0),
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
  const { run, tensors } = await openRun(await openFile(flags.run, '--run'));
  const dataset = await loadData(flags, { keepNames: true });
  checkData(run, dataset);
  const { rows = 3, sketch = 'none', json = false } = flags;
  const reports: FieldReport[] = [];
  for (const [field, { name }] of dataset.fields.entries()) {
    const blocks = run.blocks.filter((block) => block.field === field);
    if (blocks.length === 0) {
      process.stderr.write(`${name} is left out: its vectors are more than rows of a table.\n`);
      continue;
    }
    const report = await measureField(dataset, blocks, tensors, { rows, sketch });
    reports.push(report);
    printField(report, json, reports.length === 1);
  }
  printRun(reports, run, json);
  return 0;
}

function checkData({ data }: RunDescription, dataset: Dataset): void {
  const remedy = 'Give the file and the flags that the run was trained on.';
  if (rowsOf(data.fields) !== rowsOf(dataset.fields))
    throw new UsageError(`The run was trained on ${data.name}, whose fields are others.`, remedy);
  if (data.fingerprint !== null && data.fingerprint !== fingerprintOf(dataset))
    throw new UsageError(`The run was trained on ${data.name}, whose examples are others.`, remedy);
}

function rowsOf(fields: RunDescription['data']['fields']): string {
  return fields.map(({ name, cardinality }) => `${name} ${cardinality}`).join();
}

/** A block of rows as they were saved. */
interface LoadedBlock {
  readonly firstId: number;
  readonly table: DenseMatrix;
  readonly projection: DenseMatrix | undefined;
}

async function measureField(
  { fields }: Dataset,
  saved: readonly SavedBlock[],
  tensors: TensorFile,
  { rows: count, sketch }: { readonly rows: number; readonly sketch: SketchKind | 'none' },
): Promise<FieldReport> {
  const field = fields[saved[0].field];
  const blocks: LoadedBlock[] = [];
  for (const { firstId, table, projection } of saved)
    blocks.push({
      firstId,
      table: await loadMatrix(tensors, table),
      projection: projection === null ? undefined : await loadMatrix(tensors, projection),
    });
  const rowFactors = popularityFactors(field.counts);
  const plain = blocks.map((block) => factorOf(block, sketch));
  const weighted = blocks.map((block) => factorOf(block, sketch, rowFactors));
  const spectrum = fieldSpectrum(plain);
  const changes = leverageChanges(plain, spectrum);
  const leverages = new Float64Array(field.cardinality);
  blocks.forEach(({ firstId, table }, i) => leverages.set(rowNorms(table, changes[i]), firstId));
  const worst = (errorOf: (sketchRows: number, columns: number) => number): number =>
    Math.max(
      0,
      ...sketchedTables(blocks, sketch).map((table) =>
        errorOf(usualSketchRows(sketch as SketchKind, table), table.columns),
      ),
    );
  const seen = {
    dims: blocks.map(({ table }) => table.columns),
    singularValues: spectrum.singularValues,
    weightedValues: fieldSpectrum(weighted).singularValues,
    typicalError: worst(typicalError),
    distortion: worst((rows, columns) => distortionBound(sketch as SketchKind, rows, columns)),
  };
  return reportField(field, seen, leverages, count);
}

/** Whether a table is so long that its sketch is shorter. */
function isSketched(table: DenseMatrix, sketch: SketchKind | 'none'): sketch is SketchKind {
  return sketch !== 'none' && usualSketchRows(sketch, table) < table.rows;
}

function factorOf(
  { firstId, table, projection }: LoadedBlock,
  sketch: SketchKind | 'none',
  rowFactors?: Float64Array,
): BlockFactor {
  const own = rowFactors?.subarray(firstId, firstId + table.rows);
  if (!isSketched(table, sketch)) return { factor: triangularFactor(table, own), projection };
  const size = { rows: usualSketchRows(sketch, table), seed: SEED };
  return { factor: triangularFactor(sketches[sketch](table, size, own)), projection };
}

function sketchedTables(blocks: readonly LoadedBlock[], sketch: SketchKind | 'none'): readonly DenseMatrix[] {
  return blocks.map(({ table }) => table).filter((table) => isSketched(table, sketch));
}

async function loadMatrix(tensors: TensorFile, name: string): Promise<DenseMatrix> {
  const { shape, values } = await tensors.read(name);
  const [rows, columns] = shape;
  return { rows, columns, values: values as Float32Array };
}
