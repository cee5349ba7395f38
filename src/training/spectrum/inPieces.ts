import type { DenseMatrix } from '../../analysis/matrix.ts';
import { fillRowNorms } from '../../analysis/rowNorms.ts';
import { TriangularFactor } from '../../analysis/triangularFactor.ts';

/** rows·d² that are worked through before the thread is let go: about 5 ms. */
const PIECE_WORK = 2 ** 21;

/** Awaited between pieces of work, so that the thread can do something else; what it throws ends the work. */
export type YieldThread = () => Promise<void>;

/** [first, rows] of pieces of a table that take a few milliseconds each. */
export function* piecesOf(rows: number, columns: number): Generator<readonly [number, number]> {
  const most = Math.max(1, Math.floor(PIECE_WORK / columns ** 2));
  for (let from = 0; from < rows; from += most) yield [from, Math.min(most, rows - from)];
}

/** triangularFactor, in pieces. */
export async function factorInPieces(
  { rows, columns, values }: DenseMatrix,
  yieldThread: YieldThread,
  rowFactors?: Float64Array,
): Promise<DenseMatrix> {
  const factor = new TriangularFactor(columns);
  for (const [from, count] of piecesOf(rows, columns)) {
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
