import { type BlockFactor, fieldSpectrum, leverageChanges } from '../../analysis/fieldSpectrum.ts';
import type { DenseMatrix } from '../../analysis/matrix.ts';
import { distortionBound, type SketchKind, typicalError } from '../../analysis/sketch.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import type { Execution } from '../../backend/backend.ts';
import type { StoredBlock } from '../../model/storedBlocks.ts';
import type { Tensor } from '../../program/tensor.ts';
import { type YieldThread, factorInPieces, normsInPieces, piecesOf } from './inPieces.ts';
import { type Attachments, type SketchedBlock, attachSketches } from './lenses.ts';

/** Elements read back at a time, about. */
const CHUNK_ELEMENTS = 2 ** 20;

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
  /** Of every block, what makes leverages of its rows: see leverageChanges. */
  readonly changes: readonly DenseMatrix[];
}

/** Of a block: all rows alike, and as they are looked up. */
type Factors = Readonly<Record<'plain' | 'weighted', BlockFactor>>;

/** What a look reads back of a block: its sketches, or the table itself. */
interface Copy {
  readonly projection: DenseMatrix | undefined;
  readonly plain: Float32Array;
  /** undefined: rows of the table are still to be weighed. */
  readonly weighted: Float32Array | undefined;
}

export interface SpectrumReaderOptions {
  /** Of long tables; a CountSketch by default. */
  readonly sketch?: SketchKind | undefined;
  readonly yieldThread?: YieldThread;
}

/**
 * Looks at one field of a program that is being trained. Long tables are sketched on the device and only the sketches are read
 * back; R and its SVD are the CPU's. Takes memory only while it is open.
 */
export class FieldSpectrumReader {
  readonly #execution: Execution;
  readonly #lenses: readonly SketchedBlock[];
  readonly #attached: Attachments;
  readonly #sketch: SketchKind;
  readonly #yieldThread: YieldThread;

  private constructor(
    execution: Execution,
    lenses: readonly SketchedBlock[],
    attached: Attachments,
    { sketch, yieldThread }: Required<SpectrumReaderOptions>,
  ) {
    this.#execution = execution;
    this.#lenses = lenses;
    this.#attached = attached;
    this.#sketch = sketch;
    this.#yieldThread = yieldThread;
  }

  /** `blocks`: those of one field (storedBlocks), none of them missing; `counts`: lookups of its ids. Throws BackendError. */
  static async open(
    execution: Execution,
    blocks: readonly StoredBlock[],
    counts: Uint32Array,
    { sketch = 'count-sketch', yieldThread = () => Promise.resolve() }: SpectrumReaderOptions = {},
  ): Promise<FieldSpectrumReader> {
    const { lenses, attached } = await attachSketches(execution, blocks, popularityFactors(counts), sketch);
    return new FieldSpectrumReader(execution, lenses, attached, { sketch, yieldThread });
  }

  /** As the tables are after everything asked of the execution so far; training may go on meanwhile. Rejects with BackendError. */
  async measure(): Promise<FieldSpectrum> {
    this.#attached.sketches?.run();
    // All copies are submitted before the first is awaited: they are of one moment.
    const copies = await Promise.all(this.#lenses.map((lens) => this.#copy(lens)));
    const factors: Factors[] = [];
    for (const [i, copy] of copies.entries()) factors.push(await this.#factorsOf(this.#lenses[i], copy));
    const shapes = this.#lenses.flatMap(({ sketch }) => (sketch ? [sketch.plain.shape] : []));
    const worst = (errorOf: (sketchRows: number, columns: number) => number): number =>
      Math.max(0, ...shapes.map(([sketchRows, columns]) => errorOf(sketchRows, columns)));
    return this.#spectrumOf(factors, {
      typicalError: worst(typicalError),
      distortion: worst((sketchRows, columns) => distortionBound(this.#sketch, sketchRows, columns)),
    });
  }

  /**
   * The same without sketches: all rows are read, and where training goes on meanwhile the last ones are some steps older than the
   * first. O(rows·d²) on the CPU, in pieces.
   */
  async measureExactly(): Promise<FieldSpectrum> {
    const factors: Factors[] = [];
    for (const { block, rowFactors } of this.#lenses) {
      const { table } = block;
      const [rows, columns] = table.shape;
      const projection = await readMatrix(this.#execution, block.projection);
      const [plain, weighted] = [new TriangularFactor(columns), new TriangularFactor(columns)];
      for (const [from, count] of piecesOf(rows, columns)) {
        const values = await this.#execution.read(table, from * columns, count * columns);
        plain.add(values);
        weighted.add(values, rowFactors.subarray(from, from + count));
        await this.#yieldThread();
      }
      factors.push(asFactors(plain.factor(), weighted.factor(), projection));
    }
    return this.#spectrumOf(factors, { typicalError: 0, distortion: 0 });
  }

  /** Leverage of the vector of every id of the field, all rows alike, in what was seen: see leverageScores. [ids] */
  async leverages({ changes }: FieldSpectrum): Promise<Float64Array> {
    for (const [i, { rowNorms }] of this.#lenses.entries())
      if (rowNorms) this.#attached.rowNorms!.write(rowNorms.change, widened(changes[i], rowNorms.change));
    this.#attached.rowNorms?.run();
    const parts = this.#lenses.map(({ block, rowNorms }, i) =>
      rowNorms ? this.#attached.rowNorms!.read(rowNorms.norms) : this.#norms(block.table, changes[i]),
    );
    const all = new Float64Array(this.#lenses.reduce((sum, { block }) => sum + block.table.shape[0], 0));
    let at = 0;
    for (const part of await Promise.all(parts)) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  close(): void {
    this.#attached.sketches?.destroy();
    this.#attached.rowNorms?.destroy();
  }

  #spectrumOf(
    factors: readonly Factors[],
    errors: Pick<FieldSpectrum, 'typicalError' | 'distortion'>,
  ): FieldSpectrum {
    const plain = factors.map((own) => own.plain);
    const spectrum = fieldSpectrum(plain);
    return {
      field: this.#lenses[0].block.field,
      dims: this.#lenses.map(({ block }) => block.table.shape[1]),
      singularValues: spectrum.singularValues,
      weightedValues: fieldSpectrum(factors.map(({ weighted }) => weighted)).singularValues,
      changes: leverageChanges(plain, spectrum),
      ...errors,
    };
  }

  async #copy({ block: { table, projection }, sketch }: SketchedBlock): Promise<Copy> {
    const reads = sketch
      ? [this.#attached.sketches!.read(sketch.plain), this.#attached.sketches!.read(sketch.weighted)]
      : [this.#execution.read(table)];
    const [wide, ...own] = await Promise.all([
      readMatrix(this.#execution, projection),
      ...(reads as Promise<Float32Array>[]),
    ]);
    return { projection: wide, plain: own[0], weighted: own.at(1) };
  }

  async #factorsOf(
    { block, rowFactors }: SketchedBlock,
    { projection, plain, weighted }: Copy,
  ): Promise<Factors> {
    const [, columns] = block.table.shape;
    const unweighted = await this.#factorOf(plain, columns);
    const other = weighted
      ? await this.#factorOf(weighted, columns)
      : await this.#factorOf(plain, columns, rowFactors);
    return asFactors(unweighted, other, projection);
  }

  #factorOf(values: Float32Array, columns: number, rowFactors?: Float64Array): Promise<DenseMatrix> {
    return factorInPieces({ rows: values.length / columns, columns, values }, this.#yieldThread, rowFactors);
  }

  async #norms(table: Tensor, change: DenseMatrix): Promise<Float64Array> {
    const [rows, columns] = table.shape;
    const values = (await this.#execution.read(table)) as Float32Array;
    return normsInPieces({ rows, columns, values }, change, this.#yieldThread);
  }
}

/** With columns of zeros up to those of the tensor, which add nothing to a norm. */
function widened({ rows, columns, values }: DenseMatrix, { shape: [, width] }: Tensor): Float32Array {
  const wide = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) wide.set(values.subarray(i * columns, (i + 1) * columns), i * width);
  return wide;
}

function asFactors(plain: DenseMatrix, weighted: DenseMatrix, projection: DenseMatrix | undefined): Factors {
  return { plain: { factor: plain, projection }, weighted: { factor: weighted, projection } };
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
