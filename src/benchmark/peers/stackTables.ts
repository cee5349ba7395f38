import { initialParameter, type Workload } from '../workload.ts';

/** Tables of consecutive fields as one, and the batches' ids in it: how both peers are fastest. */
export interface StackedTables {
  readonly values: Float32Array<ArrayBuffer>; // [rows, D]
  readonly rows: number;
  readonly fields: number;
  /** One gather a stack: ids plus the rows of the fields before. [batches] × [B, fields] */
  readonly ids: readonly Int32Array<ArrayBuffer>[];
}

/**
 * Larger stacks are worse for both peers: 26 tables of 100k rows as one (159 MiB) are beyond what
 * tfjs dispatches, and cost jax-js on webgpu 1.25× the time of stacks of five.
 */
const LARGEST_BYTES = 32 * 2 ** 20;

/**
 * Stacks consecutive tables while they are small: one gather and one scatter instead of one a field took
 * jax-js from 288 to 107 dispatches a step and tfjs from 390 to 136 (Kaggle DLRM).
 */
export function stackTables(workload: Workload): readonly StackedTables[] {
  const { spec, batches } = workload;
  const { cardinalities, allocation } = spec;
  const stacks: StackedTables[] = [];
  for (let first = 0; first < cardinalities.length;) {
    const offsets: number[] = [];
    let rows = 0;
    let end = first;
    while (end < cardinalities.length) {
      const next = rows + cardinalities[end];
      if (end > first && 4 * next * allocation.baseDim > LARGEST_BYTES) break;
      offsets.push(rows);
      rows = next;
      end++;
    }
    const values = new Float32Array(rows * allocation.baseDim);
    offsets.forEach((offset, i) =>
      values.set(
        initialParameter(workload, `embedding.table.${first + i}`).values,
        offset * allocation.baseDim,
      ),
    );
    const ids = batches.map((batch) => shiftColumns(batch.ids, cardinalities.length, first, offsets));
    stacks.push({ values, rows, fields: offsets.length, ids });
    first = end;
  }
  return stacks;
}

/** Columns first … first + offsets.length of `values` [rows, columns], each plus its offset. */
function shiftColumns(
  values: Uint32Array,
  columns: number,
  first: number,
  offsets: readonly number[],
): Int32Array<ArrayBuffer> {
  const width = offsets.length;
  return Int32Array.from({ length: (values.length / columns) * width }, (_, i) => {
    const column = i % width;
    return values[((i - column) / width) * columns + first + column] + offsets[column];
  });
}

/** Flat positions i·size + j of a square's strict lower triangle, in the order of our interact op. */
export function lowerTriangle(size: number): Int32Array<ArrayBuffer> {
  const positions: number[] = [];
  for (let i = 1; i < size; i++) for (let j = 0; j < i; j++) positions.push(i * size + j);
  return Int32Array.from(positions);
}
