import type { FieldStatistics } from '../../../src/compression/allocation.ts';

/** Rows of C1 … C26 of the Criteo Kaggle data: the standard test vector. */
const cardinalities = [
  1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10,
  5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
];

export const criteoFields: readonly FieldStatistics[] = cardinalities.map((cardinality, i) => ({
  name: `C${i + 1}`,
  cardinality,
}));
