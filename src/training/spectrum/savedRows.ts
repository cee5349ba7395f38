import type { DenseMatrix } from '../../analysis/matrix.ts';
import { type SketchKind, sketching, usualSketchRows } from '../../analysis/sketch.ts';
import type { DatasetInfo, Field } from '../../data/dataset.ts';
import { openRun, type SavedRun } from '../weights/runFile.ts';
import type { TensorFile } from '../weights/safetensors.ts';
import { checkFields } from '../weights/trainedWeights.ts';
import {
  describeProblem,
  type FieldReport,
  NOT_AWAITED,
  reporting,
  type SpectrumQuery,
  type SpectrumSnapshot,
  SURPRISING_ROWS,
} from './fieldReport.ts';
import {
  type BlockCopy,
  type BlockRows,
  briefTurns,
  type FieldRows,
  measureField,
  measureFieldExactly,
  measureLeverages,
  normsInPieces,
  popularityFactors,
  type YieldThread,
} from './measureField.ts';

/** The seed of deviceRows.ts: a saved table has the spectrum that it had on the device. */
const SEED = 1;

export interface SavedSpectrumOptions {
  /** How long tables are sketched; 'none': all rows are measured. */
  readonly sketch: SketchKind | 'none';
  /** How many of the rows to name that matter more than their popularity suggests. */
  readonly surprises: number;
  readonly yieldThread?: YieldThread;
}

/** A run file, and how many steps its weights were trained for. */
export interface SavedModel {
  readonly file: Blob;
  readonly step: number;
}

interface MeasureControl {
  readonly yieldThread: YieldThread;
  /** Whether the snapshot is no longer wanted. */
  readonly isOver: () => boolean;
}

/** Measures a field of a run file. `fields`: of the data that the run was trained on. undefined: it is no longer wanted. */
export async function measureSaved(
  { file, step }: SavedModel,
  { field, exact }: SpectrumQuery,
  { fields }: Pick<DatasetInfo, 'fields'>,
  { yieldThread, isOver }: MeasureControl,
): Promise<SpectrumSnapshot | undefined> {
  const about = { field, step, isBest: true, report: null, problem: null };
  const options: SavedSpectrumOptions = {
    sketch: exact ? 'none' : 'count-sketch',
    surprises: SURPRISING_ROWS,
    async yieldThread() {
      await yieldThread();
      if (isOver()) throw NOT_AWAITED;
    },
  };
  try {
    const saved = await openRun(file);
    checkFields(saved.run, { fields });
    return { ...about, report: await reportSavedField(saved, fields, field, options) };
  } catch (error) {
    return error === NOT_AWAITED ? undefined : { ...about, problem: describeProblem(error) };
  }
}

/**
 * Reports on the vectors of one field of a run file; null: they are not plain rows of a table. `fields`: of the data that the run
 * was trained on. Works on this thread, O(rows·d²). Rejects with TrainingError for a broken file.
 */
export async function reportSavedField(
  saved: SavedRun,
  fields: readonly Field[],
  index: number,
  { sketch, surprises, yieldThread = () => Promise.resolve() }: SavedSpectrumOptions,
): Promise<FieldReport | null> {
  const field = fields[index];
  const kind = sketch === 'none' ? 'count-sketch' : sketch;
  const rows = await SavedRows.open(saved, index, field.counts, { sketch: kind, yieldThread });
  if (!rows) return null;
  const measure = sketch === 'none' ? measureFieldExactly : measureField;
  const spectrum = await measure(rows, yieldThread);
  const leverages = await measureLeverages(rows, spectrum);
  return briefTurns(yieldThread).work(reporting(field, spectrum, leverages, surprises));
}

interface SavedBlockRows extends BlockRows {
  readonly table: DenseMatrix;
  readonly projection: DenseMatrix | undefined;
}

/** The rows of one field of a run file, in this thread's memory. */
class SavedRows implements FieldRows {
  readonly field: number;
  readonly blocks: readonly SavedBlockRows[];
  readonly sketch: SketchKind;
  readonly #yieldThread: YieldThread;

  private constructor(
    field: number,
    blocks: readonly SavedBlockRows[],
    { sketch, yieldThread }: { readonly sketch: SketchKind; readonly yieldThread: YieldThread },
  ) {
    this.field = field;
    this.blocks = blocks;
    this.sketch = sketch;
    this.#yieldThread = yieldThread;
  }

  /** undefined: the vectors are not plain rows of a table. */
  static async open(
    { run, tensors }: SavedRun,
    field: number,
    counts: Uint32Array,
    options: { readonly sketch: SketchKind; readonly yieldThread: YieldThread },
  ): Promise<SavedRows | undefined> {
    const rowFactors = popularityFactors(counts);
    const blocks: SavedBlockRows[] = [];
    for (const saved of run.blocks) {
      if (saved.field !== field) continue;
      const { firstId } = saved;
      const table = await loadMatrix(tensors, saved.table);
      const projection = saved.projection === null ? undefined : await loadMatrix(tensors, saved.projection);
      const { rows, columns } = table;
      const sketchRows = usualSketchRows(options.sketch, table);
      blocks.push({
        firstId,
        rows,
        columns,
        table,
        projection,
        rowFactors: rowFactors.subarray(firstId, firstId + rows),
        sketchRows: sketchRows < rows ? sketchRows : undefined,
      });
    }
    return blocks.length > 0 ? new SavedRows(field, blocks, options) : undefined;
  }

  async copy(): Promise<readonly BlockCopy[]> {
    const pace = briefTurns(this.#yieldThread);
    const copies: BlockCopy[] = [];
    for (const { table, sketchRows, rowFactors } of this.blocks) {
      if (sketchRows === undefined) {
        copies.push({ plain: valuesOf(table), weighted: undefined });
        continue;
      }
      const size = { rows: sketchRows, seed: SEED };
      const plain = await pace.work(sketching(this.sketch, table, size));
      const weighted = await pace.work(sketching(this.sketch, table, size, rowFactors));
      copies.push({ plain: valuesOf(plain), weighted: valuesOf(weighted) });
    }
    return copies;
  }

  async readRows(block: number, first: number, count: number): Promise<Float32Array> {
    const { table, columns } = this.blocks[block];
    return (table.values as Float32Array).subarray(first * columns, (first + count) * columns);
  }

  async readProjection(block: number): Promise<DenseMatrix | undefined> {
    return this.blocks[block].projection;
  }

  async norms(changes: readonly DenseMatrix[]): Promise<readonly Float64Array[]> {
    const norms: Float64Array[] = [];
    for (const [i, { table }] of this.blocks.entries())
      norms.push(await normsInPieces(table, changes[i], this.#yieldThread));
    return norms;
  }
}

const valuesOf = ({ values }: DenseMatrix) => values as Float32Array | Float64Array;

async function loadMatrix(tensors: TensorFile, name: string): Promise<DenseMatrix> {
  const { shape, values } = await tensors.read(name);
  const [rows, columns] = shape;
  return { rows, columns, values: values as Float32Array };
}
