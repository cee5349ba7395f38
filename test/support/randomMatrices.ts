import type { DenseMatrix } from '../../src/analysis/matrix.ts';
import { Random } from '../../src/random/random.ts';

/** A matrix of standard normal numbers. */
export function gaussian(rows: number, columns: number, seed: number): DenseMatrix {
  const random = new Random(seed, 'gaussian');
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, () => random.normal()) };
}

/** A matrix as tables are: columns of very different size, a few rows far larger than the others. */
export function uneven(rows: number, columns: number, seed: number): DenseMatrix {
  const { values } = gaussian(rows, columns, seed);
  return {
    rows,
    columns,
    values: values.map((value, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      return value * 10 ** -(column / 3) * (1 + 100 / (row + 1));
    }),
  };
}
