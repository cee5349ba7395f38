import { type BlockFactor, fieldSpectrum, leverageChanges } from '../../analysis/fieldSpectrum.ts';
import type { DenseMatrix } from '../../analysis/matrix.ts';
import { fillRowNorms } from '../../analysis/rowNorms.ts';
import { distortionBound, type SketchKind, typicalError } from '../../analysis/sketch.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import type { BlockVectors } from '../weights/modelState.ts';

/** rows·d² that are worked through before the thread is let go: about 5 ms. */
const PIECE_WORK = 2 ** 21;

/** Awaited between pieces of work, so that the thread can do something else; what it throws ends the work. */
export type YieldThread = () => Promise<void>;

/** A block of one field's rows, wherever they are. */
export interface BlockRows {
  readonly firstId: number;
  readonly rows: number;
  /** Stored floats a row. */
  readonly columns: number;
  /** √p_i of its rows. */
  readonly rowFactors: Float64Array;
  /** Rows of its sketch; undefined: it is so short that its rows are read instead. */
  readonly sketchRows: number | undefined;
}

/** What is read of a block: its sketches, or its rows. */
export interface BlockCopy {
  readonly plain: Float32Array | Float64Array;
  /** Of rows times √p_i; undefined: the rows are still to be weighed. */
  readonly weighted: Float32Array | Float64Array | undefined;
}

/** The rows of one field: on a device that trains them, or in a file. */
export interface FieldRows {
  readonly field: number;
  readonly blocks: readonly BlockRows[];
  /** Of long blocks. */
  readonly sketch: SketchKind;
  /** Of every block, all of one moment. Rejects with BackendError. */
  copy(): Promise<readonly BlockCopy[]>;
  /** `count` rows of a block from row `first` on: [count, columns]. */
  readRows(block: number, first: number, count: number): Promise<Float32Array>;
  /** [columns, D]; undefined: the rows are vectors. */
  readProjection(block: number): Promise<DenseMatrix | undefined>;
  /** ‖e·C_b‖² of the rows of every block; `changes`: C_b. */
  norms(changes: readonly DenseMatrix[]): Promise<readonly ArrayLike<number>[]>;
}

/** What the vectors of a field hold at one moment. */
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

/** From sketches of long blocks. Where the rows are trained meanwhile, all is of the moment of the call. Rejects with BackendError. */
export async function measureField(rows: FieldRows, yieldThread: YieldThread): Promise<FieldSpectrum> {
  const { blocks } = rows;
  // Everything is asked for before the first answer is awaited.
  const [copies, projections] = await Promise.all([
    rows.copy(),
    Promise.all(blocks.map((_, block) => rows.readProjection(block))),
  ]);
  const factors: Factors[] = [];
  for (const [i, { columns, rowFactors }] of blocks.entries()) {
    const { plain, weighted } = copies[i];
    const projection = projections[i];
    factors.push({
      plain: { factor: await factorInPieces(plain, columns, yieldThread), projection },
      weighted: {
        factor: await factorInPieces(
          weighted ?? plain,
          columns,
          yieldThread,
          weighted ? undefined : rowFactors,
        ),
        projection,
      },
    });
  }
  const sketched = blocks.flatMap(({ sketchRows, columns }) => (sketchRows ? [{ sketchRows, columns }] : []));
  const worst = (errorOf: (sketchRows: number, columns: number) => number): number =>
    Math.max(0, ...sketched.map(({ sketchRows, columns }) => errorOf(sketchRows, columns)));
  return spectrumOf(rows, factors, {
    typicalError: worst(typicalError),
    distortion: worst((sketchRows, columns) => distortionBound(rows.sketch, sketchRows, columns)),
  });
}

/** From all rows, O(rows·d²); where they are trained meanwhile, the last ones are some steps older than the first. */
export async function measureFieldExactly(rows: FieldRows, yieldThread: YieldThread): Promise<FieldSpectrum> {
  const factors: Factors[] = [];
  for (const [block, { rows: count, columns, rowFactors }] of rows.blocks.entries()) {
    const projection = await rows.readProjection(block);
    const [plain, weighted] = [new TriangularFactor(columns), new TriangularFactor(columns)];
    for (const [first, piece] of piecesOf(count, columns)) {
      const values = await rows.readRows(block, first, piece);
      plain.add(values);
      weighted.add(values, rowFactors.subarray(first, first + piece));
      await yieldThread();
    }
    factors.push({
      plain: { factor: plain.factor(), projection },
      weighted: { factor: weighted.factor(), projection },
    });
  }
  return spectrumOf(rows, factors, { typicalError: 0, distortion: 0 });
}

/** Leverage of the vector of every id of the field, all rows alike: see leverageScores. [ids] */
export async function measureLeverages(rows: FieldRows, { changes }: FieldSpectrum): Promise<Float64Array> {
  const all = new Float64Array(rows.blocks.reduce((sum, block) => sum + block.rows, 0));
  const norms = await rows.norms(changes);
  for (const [i, { firstId }] of rows.blocks.entries()) all.set(norms[i], firstId);
  return all;
}

function spectrumOf(
  { field, blocks }: FieldRows,
  factors: readonly Factors[],
  errors: Pick<FieldSpectrum, 'typicalError' | 'distortion'>,
): FieldSpectrum {
  const plain = factors.map((own) => own.plain);
  const spectrum = fieldSpectrum(plain);
  return {
    field,
    dims: blocks.map(({ columns }) => columns),
    singularValues: spectrum.singularValues,
    weightedValues: fieldSpectrum(factors.map(({ weighted }) => weighted)).singularValues,
    changes: leverageChanges(plain, spectrum),
    ...errors,
  };
}

/** [first, rows] of pieces of a table that take a few milliseconds each. */
function* piecesOf(rows: number, columns: number): Generator<readonly [number, number]> {
  const most = Math.max(1, Math.floor(PIECE_WORK / columns ** 2));
  for (let from = 0; from < rows; from += most) yield [from, Math.min(most, rows - from)];
}

/** R of rows [any, columns], each times its factor, where these are given. */
async function factorInPieces(
  values: Float32Array | Float64Array,
  columns: number,
  yieldThread: YieldThread,
  rowFactors?: Float64Array,
): Promise<DenseMatrix> {
  const factor = new TriangularFactor(columns);
  for (const [from, count] of piecesOf(values.length / columns, columns)) {
    const end = from + count;
    factor.add(values.subarray(from * columns, end * columns), rowFactors?.subarray(from, end));
    await yieldThread();
  }
  return factor.factor();
}

/** rowNorms, in pieces. */
export async function normsInPieces(
  { rows, columns, values }: DenseMatrix,
  change: DenseMatrix,
  yieldThread: YieldThread,
): Promise<Float64Array> {
  const norms = new Float64Array(rows);
  for (const [from, count] of piecesOf(rows, columns)) {
    const piece = values.subarray(from * columns, (from + count) * columns);
    fillRowNorms({ rows: count, columns, values: piece }, change, undefined, norms.subarray(from));
    await yieldThread();
  }
  return norms;
}

/** Singular values of a block's vectors, row i of them times rowFactors[i]. */
export function blockSpectrum(
  { table, projection, dim, baseDim }: BlockVectors,
  rowFactors: Float64Array,
): Float64Array {
  const factor = new TriangularFactor(dim);
  factor.add(table, rowFactors);
  const wide = projection && { rows: dim, columns: baseDim, values: projection };
  return fieldSpectrum([{ factor: factor.factor(), projection: wide }]).singularValues;
}

/** √p_i of every row: p_i the share of the field's lookups that hit it. */
export function popularityFactors(counts: Uint32Array): Float64Array {
  const lookups = counts.reduce((sum, count) => sum + count, 0);
  return Float64Array.from(counts, (count) => Math.sqrt(lookups > 0 ? count / lookups : 1 / counts.length));
}
