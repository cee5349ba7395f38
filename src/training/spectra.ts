import { type BlockFactor, fieldSpectrum, leverageChanges } from '../analysis/fieldSpectrum.ts';
import type { DenseMatrix } from '../analysis/matrix.ts';
import { rowNorms } from '../analysis/rowNorms.ts';
import { distortionBound, typicalError, usualSketchRows } from '../analysis/sketch.ts';
import { TriangularFactor, triangularFactor } from '../analysis/triangularFactor.ts';
import type { Attachment, Execution } from '../backend/backend.ts';
import type { StoredBlock } from '../model/storedBlocks.ts';
import { ProgramBuilder } from '../program/builder.ts';
import type { SketchOp } from '../program/sketchOps.ts';
import type { Tensor } from '../program/tensor.ts';

/** Elements read back at a time, about. */
const CHUNK_ELEMENTS = 2 ** 20;
/** Part of the method: the same tables, the same spectrum. */
const SEED = 1;

/** Rows of a table: `rows` from `first` on. */
export interface RowRange {
  readonly first: number;
  readonly rows: number;
}

/** What the vectors of a field hold at one moment of training. */
export interface FieldSpectrum {
  readonly field: number;
  /** Stored floats a row, of every block. */
  readonly dims: readonly number[];
  /** Falling; of all rows alike. */
  readonly singularValues: Float64Array;
  /** Of rows times √p_i, p_i the share of the field's lookups that hit row i. */
  readonly weightedValues: Float64Array;
  /** What they are off by as a rule, as a share of them: see typicalError. 0: they are exact. */
  readonly typicalError: number;
  /** ε: squares of singular values are within 1 ± ε of the exact ones with probability 0.9. 0: they are exact. */
  readonly distortion: number;
}

/** The tensors that a block is looked at through. */
interface Lens {
  readonly block: StoredBlock;
  /** √p_i of its rows. */
  readonly rowFactors: Float32Array;
  /** undefined: the table is so short that it is read itself. */
  readonly sketch: Readonly<Record<'plain' | 'weighted' | 'factors', Tensor>> | undefined;
}

/**
 * Looks at one field of a program that is being trained. Long tables are sketched on the device and only the sketches are read
 * back; R and its SVD are the CPU's. Takes memory only while it is open.
 */
export class SpectrumProbe {
  readonly #execution: Execution;
  readonly #lenses: readonly Lens[];
  readonly #attachment: Attachment | undefined;

  private constructor(execution: Execution, lenses: readonly Lens[], attachment: Attachment | undefined) {
    this.#execution = execution;
    this.#lenses = lenses;
    this.#attachment = attachment;
  }

  /** `blocks`: those of one field (storedBlocks), none of them missing; `counts`: lookups of its ids. Throws BackendError. */
  static async open(
    execution: Execution,
    blocks: readonly StoredBlock[],
    counts: Uint32Array,
  ): Promise<SpectrumProbe> {
    const builder = new ProgramBuilder();
    const ops: SketchOp[] = [];
    const rowFactors = Float32Array.from(popularityFactors(counts));
    const lenses = blocks.map((block, index): Lens => {
      const { table, firstId } = block;
      const [rows, columns] = table.shape;
      const own = rowFactors.subarray(firstId, firstId + rows);
      const sketchRows = usualSketchRows({ rows, columns });
      if (sketchRows >= rows) return { block, rowFactors: own, sketch: undefined };
      const tensor = (name: string, shape: readonly number[]): Tensor =>
        builder.tensor(`spectrum.${index}.${name}`, 'activation', shape);
      const plain = tensor('plain', [sketchRows, columns]);
      const weighted = tensor('weighted', [sketchRows, columns]);
      const factors = tensor('factors', [rows]);
      ops.push({
        kind: 'count-sketch',
        table,
        seed: SEED,
        sketch: plain,
        weighted: { factors, sketch: weighted },
      });
      return { block, rowFactors: own, sketch: { plain, weighted, factors } };
    });
    const attachment = ops.length > 0 ? await execution.attach({ tensors: builder.tensors, ops }) : undefined;
    for (const { sketch, rowFactors: own } of lenses) if (sketch) attachment!.write(sketch.factors, own);
    return new SpectrumProbe(execution, lenses, attachment);
  }

  /** As the tables are after everything asked of the execution so far; training may go on meanwhile. Rejects with BackendError. */
  async look(): Promise<FieldSpectrum> {
    this.#attachment?.run();
    // All copies are submitted before the first is awaited: they are of one moment.
    const factors = await Promise.all(this.#lenses.map((lens) => this.#factorsOf(lens)));
    const shapes = this.#lenses.flatMap(({ sketch }) => (sketch ? [sketch.plain.shape] : []));
    const worst = (errorOf: (sketchRows: number, columns: number) => number): number =>
      Math.max(0, ...shapes.map(([sketchRows, columns]) => errorOf(sketchRows, columns)));
    return {
      field: this.#lenses[0].block.field,
      dims: this.#lenses.map(({ block }) => block.table.shape[1]),
      singularValues: fieldSpectrum(factors.map(({ plain }) => plain)).singularValues,
      weightedValues: fieldSpectrum(factors.map(({ weighted }) => weighted)).singularValues,
      typicalError: worst(typicalError),
      distortion: worst((sketchRows, columns) => distortionBound('count-sketch', sketchRows, columns)),
    };
  }

  /**
   * The same without sketches: all rows are read, and where training goes on meanwhile the last ones are some steps older than the
   * first. O(rows·d²) on the CPU.
   */
  async lookExactly(): Promise<FieldSpectrum> {
    const plain: BlockFactor[] = [];
    const weighted: BlockFactor[] = [];
    for (const { block, rowFactors } of this.#lenses) {
      const { table } = block;
      const range = { first: 0, rows: table.shape[0] };
      const projection = await readMatrix(this.#execution, block.projection);
      plain.push({ factor: await factorOfRows(this.#execution, table, range), projection });
      weighted.push({ factor: await factorOfRows(this.#execution, table, range, rowFactors), projection });
    }
    return {
      field: this.#lenses[0].block.field,
      dims: this.#lenses.map(({ block }) => block.table.shape[1]),
      singularValues: fieldSpectrum(plain).singularValues,
      weightedValues: fieldSpectrum(weighted).singularValues,
      typicalError: 0,
      distortion: 0,
    };
  }

  /** Leverage of the vector of every id of the field, all rows alike: see leverageScores. [ids] */
  async leverages(): Promise<Float64Array> {
    this.#attachment?.run();
    const factors = await Promise.all(this.#lenses.map((lens) => this.#factorsOf(lens)));
    const changes = leverageChanges(factors.map(({ plain }) => plain));
    const parts = await Promise.all(
      this.#lenses.map(({ block, sketch }, i) =>
        sketch ? this.#normsOnDevice(block.table, changes[i]) : this.#norms(block.table, changes[i]),
      ),
    );
    const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  close(): void {
    this.#attachment?.destroy();
  }

  async #factorsOf({ block, rowFactors, sketch }: Lens) {
    const { table, projection: projecting } = block;
    const [rows, columns] = table.shape;
    const reads = sketch
      ? [this.#attachment!.read(sketch.plain), this.#attachment!.read(sketch.weighted)]
      : [this.#execution.read(table)];
    const [projection, first, second] = await Promise.all([
      readMatrix(this.#execution, projecting),
      ...(reads as Promise<Float32Array>[]),
    ]);
    const matrix = (values: Float32Array): DenseMatrix => ({
      rows: values.length / columns,
      columns,
      values,
    });
    const plain = triangularFactor(matrix(first));
    const weighted = second
      ? triangularFactor(matrix(second))
      : triangularFactor({ rows, columns, values: first }, rowFactors);
    return { plain: { factor: plain, projection }, weighted: { factor: weighted, projection } };
  }

  async #norms(table: Tensor, change: DenseMatrix): Promise<Float64Array> {
    return rowNorms((await readMatrix(this.#execution, table))!, change);
  }

  async #normsOnDevice(table: Tensor, change: DenseMatrix): Promise<Float32Array> {
    const builder = new ProgramBuilder();
    const changeTensor = builder.tensor('leverage.change', 'activation', [change.rows, change.columns]);
    const norms = builder.tensor('leverage.norms', 'activation', [table.shape[0]]);
    const ops = [{ kind: 'row-norms', table, factors: undefined, change: changeTensor, norms }] as const;
    const attachment = await this.#execution.attach({ tensors: builder.tensors, ops });
    try {
      attachment.write(changeTensor, Float32Array.from(change.values));
      attachment.run();
      return await attachment.read(norms);
    } finally {
      attachment.destroy();
    }
  }
}

/**
 * The exact factor R [d, d] of rows of a table [n, d], read back piece by piece; each row times its factor, where these are
 * given for every row of the table.
 */
export async function factorOfRows(
  execution: Execution,
  table: Tensor,
  { first, rows }: RowRange,
  rowFactors?: Float32Array | Float64Array,
): Promise<DenseMatrix> {
  const [, columns] = table.shape;
  const factor = new TriangularFactor(columns);
  const most = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let from = first; from < first + rows; from += most) {
    const count = Math.min(most, first + rows - from);
    const values = await execution.read(table, from * columns, count * columns);
    factor.add(values, rowFactors?.subarray(from, from + count));
  }
  return factor.factor();
}

async function readMatrix(
  execution: Execution,
  tensor: Tensor | undefined,
): Promise<DenseMatrix | undefined> {
  if (!tensor) return undefined;
  const [rows, columns] = tensor.shape;
  return { rows, columns, values: (await execution.read(tensor)) as Float32Array };
}

/** √p_i of every row: p_i the share of the field's lookups that hit it. */
export function popularityFactors(counts: Uint32Array): Float64Array {
  const lookups = counts.reduce((sum, count) => sum + count, 0);
  return Float64Array.from(counts, (count) => Math.sqrt(lookups > 0 ? count / lookups : 1 / counts.length));
}
