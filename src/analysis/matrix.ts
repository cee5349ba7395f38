import { Matrix } from 'ml-matrix';
import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';

/** Row by row: element (i, j) is values[i·columns + j]. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array | Float64Array;
}

/** Products that are added up between two rests: about 1 ms. */
const PIECE_PRODUCTS = 2 ** 20;

/** a·b in double precision: [a.rows, b.columns]. Throws RangeError for sizes that do not match. */
export function multiply(a: DenseMatrix, b: DenseMatrix): DenseMatrix & { readonly values: Float64Array } {
  return finish(multiplying(a, b));
}

export function* multiplying(
  a: DenseMatrix,
  b: DenseMatrix,
): Pieces<DenseMatrix & { readonly values: Float64Array }> {
  if (a.columns !== b.rows) throw new RangeError(`${sizeOf(a)} cannot be multiplied by ${sizeOf(b)}`);
  const values = new Float64Array(a.rows * b.columns);
  const most = Math.ceil(PIECE_PRODUCTS / Math.max(1, a.columns * b.columns));
  for (const { from, end } of rangesOf(a.rows, most)) {
    multiplyRows(a, b, from, end, values);
    yield;
  }
  return { rows: a.rows, columns: b.columns, values };
}

function multiplyRows(a: DenseMatrix, b: DenseMatrix, from: number, end: number, values: Float64Array): void {
  for (let i = from; i < end; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[i * a.columns + k];
      if (factor === 0) continue;
      for (let j = 0; j < b.columns; j++) values[i * b.columns + j] += factor * b.values[k * b.columns + j];
    }
  }
}

/** Columns from … end − 1. */
export function columnsOf({ rows, columns, values }: DenseMatrix, from: number, end: number): DenseMatrix {
  const part = new Float64Array(rows * (end - from));
  for (let i = 0; i < rows; i++)
    part.set(values.subarray(i * columns + from, i * columns + end), i * (end - from));
  return { rows, columns: end - from, values: part };
}

export function transpose({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const turned = new Float64Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
  return { rows: columns, columns: rows, values: turned };
}

export function toLibrary({ rows, columns, values }: DenseMatrix): Matrix {
  return Matrix.from1DArray(rows, columns, values);
}

export function fromLibrary(matrix: Matrix): DenseMatrix {
  return { rows: matrix.rows, columns: matrix.columns, values: Float64Array.from(matrix.to1DArray()) };
}

function sizeOf({ rows, columns }: DenseMatrix): string {
  return `${rows} × ${columns}`;
}
