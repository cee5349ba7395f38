import { type BlockFactor, leverageChanges, measuringField } from '../../analysis/fieldSpectrum.ts';
import { type Pace, type Pieces, Turns } from '../../pieces/pieces.ts';
import type { DenseMatrix } from '../../analysis/matrix.ts';
import { fillRowNorms } from '../../analysis/rowNorms.ts';
import { distortionBound, type SketchKind, typicalError } from '../../analysis/sketch.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';
import type { BlockVectors } from '../weights/modelState.ts';

/** How much work, rows·d², is done before the thread is yielded: about 5 ms. */
const PIECE_WORK = 2 ** 21;

/** Awaited between pieces of work, so that the thread can do something else. If it throws, the work ends. */
export type YieldThread = () => Promise<void>;

/** So that training steps hardly wait for a measurement. */
const TURN_MS = 5;

export const briefTurns = (yieldThread: YieldThread): Pace => new Turns({ yieldThread, turnMs: TURN_MS });

/** A block of rows of one field, on a device or in memory. */
export interface BlockRows {
  readonly firstId: number;
  readonly rows: number;
  /** Stored floats a row. */
  readonly columns: number;
  /** √p_i of its rows: see popularityFactors. */
  readonly rowFactors: Float64Array;
  /** How many rows its sketch has; undefined: the block is so short that its rows are read instead. */
  readonly sketchRows: number | undefined;
}

/** What is read of a block: two sketches, or its rows. */
export interface BlockCopy {
  readonly plain: Float32Array | Float64Array;
  /** The sketch of the rows times √p_i; undefined: `plain` holds rows, which are not weighed yet. */
  readonly weighted: Float32Array | Float64Array | undefined;
}

/** The source of rows that a spectrum is measured of: one field on a device that trains it, or of a run file. */
export interface FieldRows {
  readonly field: number;
  readonly blocks: readonly BlockRows[];
  /** How long blocks are sketched. */
  readonly sketch: SketchKind;
  /** Reads sketches or rows of every block, all as they are at one moment. Rejects with BackendError. */
  copy(): Promise<readonly BlockCopy[]>;
  /** Reads `count` rows of a block from row `first` on: [count, columns]. */
  readRows(block: number, first: number, count: number): Promise<Float32Array>;
  /** The projection of a block, [columns, D]; undefined: its rows are the vectors. */
  readProjection(block: number): Promise<DenseMatrix | undefined>;
  /** ‖e·C_b‖² of every row e of every block b; `changes` are the C_b. */
  norms(changes: readonly DenseMatrix[]): Promise<readonly ArrayLike<number>[]>;
}

/** The spectrum of a field's vectors at one moment. */
export interface FieldSpectrum {
  readonly field: number;
  /** Stored floats a row, for every block. */
  readonly dims: readonly number[];
  /** Falling. All rows count alike. */
  readonly singularValues: Float64Array;
  /** Falling. The same of rows times √p_i, with p_i the share of the field's lookups that hit row i. */
  readonly weightedValues: Float64Array;
  /** The usual relative error of the singular values: see typicalError. 0: they are exact. */
  readonly typicalError: number;
  /** ε such that squares of singular values are within 1 ± ε times the exact ones with probability 0.9. 0: they are exact. */
  readonly distortion: number;
  /** For every block, the matrix that leverages of its rows are computed with: see leverageChanges. */
  readonly changes: readonly DenseMatrix[];
}

/** The triangular factors of a block: of all rows alike, and weighed by lookups. */
type Factors = Readonly<Record<'plain' | 'weighted', BlockFactor>>;

/**
 * Measures sketches of long blocks. Everything is as it was at the call, even if the rows are trained meanwhile. Rejects with
 * BackendError.
 */
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
  const errors = {
    typicalError: worst(typicalError),
    distortion: worst((sketchRows, columns) => distortionBound(rows.sketch, sketchRows, columns)),
  };
  return briefTurns(yieldThread).work(measuring(rows, factors, errors));
}

/**
 * Measures all rows, O(rows·d²). If they are trained meanwhile, the last rows have been trained for some steps more than the first.
 */
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
  return briefTurns(yieldThread).work(measuring(rows, factors, { typicalError: 0, distortion: 0 }));
}

/** The leverage of the vector of every id of the field, all rows alike: see leverageScores. [ids] */
export async function measureLeverages(rows: FieldRows, { changes }: FieldSpectrum): Promise<Float64Array> {
  const all = new Float64Array(rows.blocks.reduce((sum, block) => sum + block.rows, 0));
  const norms = await rows.norms(changes);
  for (const [i, { firstId }] of rows.blocks.entries()) all.set(norms[i], firstId);
  return all;
}

function* measuring(
  { field, blocks }: FieldRows,
  factors: readonly Factors[],
  errors: Pick<FieldSpectrum, 'typicalError' | 'distortion'>,
): Pieces<FieldSpectrum> {
  const plain = factors.map((own) => own.plain);
  const spectrum = yield* measuringField(plain);
  const weighted = yield* measuringField(factors.map((own) => own.weighted));
  return {
    field,
    dims: blocks.map(({ columns }) => columns),
    singularValues: spectrum.singularValues,
    weightedValues: weighted.singularValues,
    changes: leverageChanges(plain, spectrum),
    ...errors,
  };
}

/** Splits a table into pieces that take a few milliseconds each: yields [first row, rows]. */
function* piecesOf(rows: number, columns: number): Generator<readonly [number, number]> {
  const most = Math.max(1, Math.floor(PIECE_WORK / columns ** 2));
  for (let from = 0; from < rows; from += most) yield [from, Math.min(most, rows - from)];
}

/** The triangular factor of rows [any, columns], each multiplied by its factor if these are given. */
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

/** fillRowNorms, in pieces. */
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

/** The singular values of a block's vectors, row i multiplied by rowFactors[i]. */
export function* measuringBlock(
  { table, projection, dim, baseDim }: BlockVectors,
  rowFactors: Float64Array,
): Pieces<Float64Array> {
  const rows = new TriangularFactor(dim);
  yield* rows.adding(table, rowFactors);
  const factor = yield* rows.factoring();
  const wide = projection && { rows: dim, columns: baseDim, values: projection };
  return (yield* measuringField([{ factor, projection: wide }])).singularValues;
}

/** √p_i of every row i, with p_i the share of the field's lookups that hit it. */
export function popularityFactors(counts: Uint32Array): Float64Array {
  let lookups = 0;
  for (const count of counts) lookups += count;
  const factors = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++)
    factors[i] = Math.sqrt(lookups > 0 ? counts[i] / lookups : 1 / counts.length);
  return factors;
}

/** popularityFactors of every field. Rejects with GivenUp. */
export async function allPopularityFactors(
  fields: readonly { readonly counts: Uint32Array }[],
  pace: Pace,
): Promise<readonly Float64Array[]> {
  const factors: Float64Array[] = [];
  for (const { counts } of fields) {
    factors.push(popularityFactors(counts));
    await pace.rest();
  }
  return factors;
}
