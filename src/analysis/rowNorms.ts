import type { DenseMatrix } from './matrix.ts';

/** norms[i] = rowFactors[i]²·‖a_i·C‖² for table A [n, d] and change C [d, k]; norms [n]. */
export function fillRowNorms(
  { rows, columns, values }: DenseMatrix,
  change: DenseMatrix,
  rowFactors: ArrayLike<number> | undefined,
  norms: Float32Array | Float64Array,
): void {
  const across = new Float64Array(change.columns);
  for (let i = 0; i < rows; i++) {
    across.fill(0);
    for (let j = 0; j < columns; j++) {
      const value = values[i * columns + j];
      for (let k = 0; k < change.columns; k++) across[k] += value * change.values[j * change.columns + k];
    }
    let norm = 0;
    for (const value of across) norm += value * value;
    norms[i] = rowFactors ? norm * rowFactors[i] ** 2 : norm;
  }
}

export function rowNorms(
  table: DenseMatrix,
  change: DenseMatrix,
  rowFactors?: ArrayLike<number>,
): Float64Array {
  const norms = new Float64Array(table.rows);
  fillRowNorms(table, change, rowFactors, norms);
  return norms;
}
