import { atOnce, type Pace } from '../../pieces/pieces.ts';
import type { DenseMatrix } from '../../analysis/matrix.ts';
import { type SketchKind, usualSketchRows } from '../../analysis/sketch.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import type { Attachment, Execution } from '../../backend/backend.ts';
import type { StoredBlock } from '../../model/storedBlocks.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Tensor } from '../../program/tensor.ts';
import {
  type BlockCopy,
  type BlockRows,
  type FieldRows,
  normsInPieces,
  popularityFactors,
  type YieldThread,
} from './measureField.ts';
import type { Addition } from '../../program/program.ts';
import type { SketchOp } from '../../program/op.ts';

/** Seed of the sketches. It never changes: the same tables have the same spectrum. */
const SEED = 1;
/** About how many elements are read back at a time. */
const CHUNK_ELEMENTS = 2 ** 20;

/** A block of a program, with the tensors that sketches and norms of its rows are computed in. */
interface DeviceBlock extends BlockRows {
  readonly stored: StoredBlock;
  readonly sketch: Readonly<Record<'plain' | 'weighted' | 'factors', Tensor>> | undefined;
  /** The matrix [dim, D] that leverages are computed with, and the leverages. undefined: its rows are read instead. */
  readonly rowNorms: Readonly<Record<'change' | 'norms', Tensor>> | undefined;
}

/** What is added to the execution for long tables: both or neither. */
interface Attachments {
  readonly sketches: Attachment | undefined;
  readonly rowNorms: Attachment | undefined;
}

export interface DeviceRowsOptions {
  /** How long tables are sketched; a CountSketch by default. */
  readonly sketch?: SketchKind | undefined;
  readonly yieldThread?: YieldThread;
}

/**
 * The rows of one field of a program that is being trained. Long tables are sketched on the device, and only the sketches are read
 * back. It takes device memory only while it is open.
 */
export class DeviceRows implements FieldRows {
  readonly field: number;
  readonly blocks: readonly DeviceBlock[];
  readonly sketch: SketchKind;
  readonly #execution: Execution;
  readonly #attached: Attachments;
  readonly #yieldThread: YieldThread;

  private constructor(
    execution: Execution,
    blocks: readonly DeviceBlock[],
    attached: Attachments,
    { sketch, yieldThread }: Required<DeviceRowsOptions>,
  ) {
    this.field = blocks[0].stored.field;
    this.blocks = blocks;
    this.sketch = sketch!;
    this.#execution = execution;
    this.#attached = attached;
    this.#yieldThread = yieldThread;
  }

  /**
   * `stored`: all blocks of one field, from storedBlocks; `counts`: how often each of its ids is looked up. Rejects with
   * BackendError.
   */
  static async open(
    execution: Execution,
    stored: readonly StoredBlock[],
    counts: Uint32Array,
    { sketch = 'count-sketch', yieldThread = () => Promise.resolve() }: DeviceRowsOptions = {},
  ): Promise<DeviceRows> {
    const { blocks, attached } = await attachSketches(execution, stored, popularityFactors(counts), sketch);
    return new DeviceRows(execution, blocks, attached, { sketch, yieldThread });
  }

  copy(): Promise<readonly BlockCopy[]> {
    const { sketches } = this.#attached;
    sketches?.run();
    return Promise.all(
      this.blocks.map(async ({ stored, sketch }): Promise<BlockCopy> => {
        const reads = sketch
          ? [sketches!.read(sketch.plain), sketches!.read(sketch.weighted)]
          : [this.#execution.read(stored.table)];
        const [plain, weighted] = await Promise.all(reads as Promise<Float32Array>[]);
        return { plain, weighted };
      }),
    );
  }

  readRows(block: number, first: number, count: number): Promise<Float32Array> {
    const { stored, columns } = this.blocks[block];
    return this.#execution.read(stored.table, first * columns, count * columns) as Promise<Float32Array>;
  }

  async readProjection(block: number): Promise<DenseMatrix | undefined> {
    const { projection } = this.blocks[block].stored;
    if (!projection) return undefined;
    const [rows, columns] = projection.shape;
    return { rows, columns, values: (await this.#execution.read(projection)) as Float32Array };
  }

  norms(changes: readonly DenseMatrix[]): Promise<readonly ArrayLike<number>[]> {
    const { rowNorms: attached } = this.#attached;
    for (const [i, { rowNorms }] of this.blocks.entries())
      if (rowNorms) attached!.write(rowNorms.change, widened(changes[i], rowNorms.change));
    attached?.run();
    return Promise.all(
      this.blocks.map(async ({ rows, columns, rowNorms, stored }, i): Promise<ArrayLike<number>> => {
        if (rowNorms) return attached!.read(rowNorms.norms);
        const values = (await this.#execution.read(stored.table)) as Float32Array;
        return normsInPieces({ rows, columns, values }, changes[i], this.#yieldThread);
      }),
    );
  }

  close(): void {
    this.#attached.sketches?.destroy();
    this.#attached.rowNorms?.destroy();
  }
}

/** Fills up with columns of zeros to the width of the tensor. They add nothing to a norm. */
function widened({ rows, columns, values }: DenseMatrix, { shape: [, width] }: Tensor): Float32Array {
  const wide = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) wide.set(values.subarray(i * columns, (i + 1) * columns), i * width);
  return wide;
}

async function attachSketches(
  execution: Execution,
  stored: readonly StoredBlock[],
  rowFactors: Float64Array,
  kind: SketchKind,
): Promise<{ readonly blocks: readonly DeviceBlock[]; readonly attached: Attachments }> {
  const sketching = new ProgramBuilder();
  const norming = new ProgramBuilder();
  const [sketchOps, normOps]: [SketchOp[], SketchOp[]] = [[], []];
  const blocks = stored.map((block, index): DeviceBlock => {
    const { table, firstId, projection } = block;
    const [rows, columns] = table.shape;
    const own = {
      stored: block,
      firstId,
      rows,
      columns,
      rowFactors: rowFactors.subarray(firstId, firstId + rows),
    };
    const sketchRows = usualSketchRows(kind, { rows, columns });
    if (sketchRows >= rows) return { ...own, sketchRows: undefined, sketch: undefined, rowNorms: undefined };
    const tensor = (builder: ProgramBuilder, name: string, shape: readonly number[]): Tensor =>
      builder.tensor(`spectrum.${index}.${name}`, 'activation', shape);
    const plain = tensor(sketching, 'plain', [sketchRows, columns]);
    const weighted = tensor(sketching, 'weighted', [sketchRows, columns]);
    const factors = tensor(sketching, 'factors', [rows]);
    sketchOps.push({ kind, table, seed: SEED, sketch: plain, weighted: { factors, sketch: weighted } });
    const change = tensor(norming, 'change', [columns, projection?.shape[1] ?? columns]);
    const norms = tensor(norming, 'norms', [rows]);
    normOps.push({ kind: 'row-norms', table, factors: undefined, change, norms });
    return { ...own, sketchRows, sketch: { plain, weighted, factors }, rowNorms: { change, norms } };
  });
  const attached = await attachBoth(
    execution,
    { tensors: sketching.tensors, ops: sketchOps },
    { tensors: norming.tensors, ops: normOps },
  );
  for (const { sketch, rowFactors: own } of blocks)
    if (sketch) attached.sketches!.write(sketch.factors, Float32Array.from(own));
  return { blocks, attached };
}

/** Attaches both, or neither if one fails. */
async function attachBoth(
  execution: Execution,
  sketching: Addition,
  norming: Addition,
): Promise<Attachments> {
  if (sketching.ops.length === 0) return { sketches: undefined, rowNorms: undefined };
  const sketches = await execution.attach(sketching);
  try {
    return { sketches, rowNorms: await execution.attach(norming) };
  } catch (error) {
    sketches.destroy();
    throw error;
  }
}

/** `rows` rows of a table from row `first` on. */
export interface RowRange {
  readonly first: number;
  readonly rows: number;
}

/**
 * The exact triangular factor R [d, d] of some rows of a table [n, d], which are read back piece by piece. `rowFactors`, if given,
 * hold a number for every row of the table by which the row is multiplied first.
 */
export async function factorOfRows(
  execution: Execution,
  table: Tensor,
  { first, rows }: RowRange,
  rowFactors?: Float32Array | Float64Array,
  pace: Pace = atOnce,
): Promise<DenseMatrix> {
  const [, columns] = table.shape;
  const factor = new TriangularFactor(columns);
  const most = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let from = first; from < first + rows; from += most) {
    const count = Math.min(most, first + rows - from);
    const values = await execution.read(table, from * columns, count * columns);
    await pace.work(factor.adding(values, rowFactors?.subarray(from, from + count)));
  }
  return pace.work(factor.factoring());
}
