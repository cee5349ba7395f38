import type { DenseMatrix } from '../analysis/matrix.ts';
import { TriangularFactor } from '../analysis/triangularFactor.ts';
import type { Execution } from '../backend/backend.ts';
import type { Tensor } from '../program/tensor.ts';

/** Elements read back at a time, about. */
const CHUNK_ELEMENTS = 2 ** 20;

/** Rows of a table: all, or from `first` on. */
export interface RowRange {
  readonly first: number;
  readonly rows: number;
}

/**
 * The exact factor R [d, d] of rows of a table [n, d], read back piece by piece; each row times its factor, where these are
 * given for every row of the table.
 */
export async function factorOfRows(
  execution: Execution,
  table: Tensor,
  { first, rows }: RowRange,
  rowFactors?: Float64Array,
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

/** √p_i of every row: p_i the share of the field's lookups that hit it. */
export function popularityFactors(counts: Uint32Array): Float64Array {
  const lookups = counts.reduce((sum, count) => sum + count, 0);
  return Float64Array.from(counts, (count) => Math.sqrt(lookups > 0 ? count / lookups : 1 / counts.length));
}
