import { type BlockFactor, fieldSpectrum, leverageChanges } from '../../analysis/fieldSpectrum.ts';
import type { DenseMatrix } from '../../analysis/matrix.ts';
import {
  distortionBound,
  type SketchKind,
  sketchOf,
  typicalError,
  usualSketchRows,
} from '../../analysis/sketch.ts';
import type { Dataset, Field } from '../../data/dataset.ts';
import { type FieldReport, reportField } from './fieldReport.ts';
import { type YieldThread, factorInPieces, normsInPieces } from './inPieces.ts';
import { openRun, type SavedBlock, type SavedRun } from '../weights/runFile.ts';
import type { TensorFile } from '../weights/safetensors.ts';
import { popularityFactors } from './spectra.ts';
import {
  describeProblem,
  OVER,
  type SpectrumSnapshot,
  SURPRISING_ROWS,
  type SpectrumQuery,
} from './spectrumWatch.ts';
import { checkFields } from '../weights/trainedWeights.ts';

const SEED = 1;

export interface SavedSpectrumOptions {
  /** Of long tables, instead of all rows. */
  readonly sketch: SketchKind | 'none';
  /** How many of the rows that matter more than their popularity says. */
  readonly surprises: number;
  readonly yieldThread?: YieldThread;
}

/** A run file, and steps that its weights were trained for. */
export interface KeptModel {
  readonly file: Blob;
  readonly step: number;
}

interface Patience {
  readonly yieldThread: YieldThread;
  /** Whether nobody waits for the picture any more. */
  readonly isOver: () => boolean;
}

/** What somebody has open of a model that is kept, on the data that it was trained on; undefined: it is over. */
export async function measureSaved(
  { file, step }: KeptModel,
  { field, exact }: SpectrumQuery,
  { fields }: Pick<Dataset, 'fields'>,
  { yieldThread, isOver }: Patience,
): Promise<SpectrumSnapshot | undefined> {
  const about = { field, step, isBest: true, report: null, problem: null };
  const look: SavedSpectrumOptions = {
    sketch: exact ? 'none' : 'count-sketch',
    surprises: SURPRISING_ROWS,
    async yieldThread() {
      await yieldThread();
      if (isOver()) throw OVER;
    },
  };
  try {
    const saved = await openRun(file);
    checkFields(saved.run, { fields });
    return { ...about, report: await reportSavedField(saved, fields, field, look) };
  } catch (error) {
    return error === OVER ? undefined : { ...about, problem: describeProblem(error) };
  }
}

/** A block of rows as they were saved. */
interface LoadedBlock {
  readonly firstId: number;
  readonly table: DenseMatrix;
  readonly projection: DenseMatrix | undefined;
}

/**
 * What the vectors of a field of a run file hold, of the data that it was trained on; null: they are more than rows of a table.
 * All on this thread, O(rows·d²). Throws TrainingError for a broken file.
 */
export async function reportSavedField(
  { run, tensors }: SavedRun,
  fields: readonly Field[],
  index: number,
  { sketch, surprises, yieldThread = () => Promise.resolve() }: SavedSpectrumOptions,
): Promise<FieldReport | null> {
  const field = fields[index];
  const blocks = await loadBlocks(
    run.blocks.filter((block) => block.field === index),
    tensors,
  );
  if (blocks.length === 0) return null;
  const rowFactors = popularityFactors(field.counts);
  const plain: BlockFactor[] = [];
  const weighted: BlockFactor[] = [];
  for (const block of blocks) {
    const { firstId, table } = block;
    plain.push(await factorOf(block, sketch, yieldThread));
    const own = rowFactors.subarray(firstId, firstId + table.rows);
    weighted.push(await factorOf(block, sketch, yieldThread, own));
  }
  const spectrum = fieldSpectrum(plain);
  const changes = leverageChanges(plain, spectrum);
  const leverages = new Float64Array(field.cardinality);
  for (const [i, { firstId, table }] of blocks.entries())
    leverages.set(await normsInPieces(table, changes[i], yieldThread), firstId);
  const sketched = blocks.map(({ table }) => table).filter((table) => isSketched(table, sketch));
  const worst = (errorOf: (sketchRows: number, columns: number) => number): number =>
    Math.max(
      0,
      ...sketched.map((table) => errorOf(usualSketchRows(sketch as SketchKind, table), table.columns)),
    );
  const seen = {
    dims: blocks.map(({ table }) => table.columns),
    singularValues: spectrum.singularValues,
    weightedValues: fieldSpectrum(weighted).singularValues,
    typicalError: worst(typicalError),
    distortion: worst((rows, columns) => distortionBound(sketch as SketchKind, rows, columns)),
  };
  return reportField(field, seen, leverages, surprises);
}

async function loadBlocks(
  saved: readonly SavedBlock[],
  tensors: TensorFile,
): Promise<readonly LoadedBlock[]> {
  const blocks: LoadedBlock[] = [];
  for (const { firstId, table, projection } of saved)
    blocks.push({
      firstId,
      table: await loadMatrix(tensors, table),
      projection: projection === null ? undefined : await loadMatrix(tensors, projection),
    });
  return blocks;
}

async function loadMatrix(tensors: TensorFile, name: string): Promise<DenseMatrix> {
  const { shape, values } = await tensors.read(name);
  const [rows, columns] = shape;
  return { rows, columns, values: values as Float32Array };
}

/** Whether a table is so long that its sketch is shorter. */
function isSketched(table: DenseMatrix, sketch: SketchKind | 'none'): sketch is SketchKind {
  return sketch !== 'none' && usualSketchRows(sketch, table) < table.rows;
}

async function factorOf(
  { table, projection }: LoadedBlock,
  sketch: SketchKind | 'none',
  yieldThread: YieldThread,
  rowFactors?: Float64Array,
): Promise<BlockFactor> {
  if (!isSketched(table, sketch))
    return { factor: await factorInPieces(table, yieldThread, rowFactors), projection };
  const size = { rows: usualSketchRows(sketch, table), seed: SEED };
  return { factor: await factorInPieces(sketchOf(sketch, table, size, rowFactors), yieldThread), projection };
}
