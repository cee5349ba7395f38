import { runSteps } from '../containers/pace.ts';
import type { Dataset, NumericColumn } from '../dataset.ts';
import { meanTrainingLabel } from '../encodeDataset.ts';
import { rankByPopularity } from '../encoding/rankByPopularity.ts';
import { splitByHash } from '../splits.ts';

/** Examples as a generator draws them; their order is that of the lines of a file. */
interface DrawnExamples extends Pick<Dataset, 'name' | 'task'> {
  /** `size`: different codes. */
  readonly fields: readonly { readonly name: string; readonly size: number }[];
  readonly numericColumns: readonly NumericColumn[];
  readonly minCount: number;
  readonly codes: Uint32Array; // [examples, fields]
  readonly numbers: Float32Array; // [examples, numericColumns]
  readonly labels: Float64Array; // [examples]
}

/** Encodes a sample as its file would be, split by hash; among values of the same count the lower code has the lower id. */
export function encodeSample(drawn: DrawnExamples): Omit<Dataset, 'report'> {
  const { name, task, numericColumns, minCount, codes } = drawn;
  const width = drawn.fields.length;
  const bySplit: readonly number[][] = [[], [], []];
  for (let line = 0; line < drawn.labels.length; line++) bySplit[splitByHash(line)].push(line);
  const [train, validation, test] = bySplit.map(({ length }) => length);
  const order = bySplit.flat();
  const ranked = drawn.fields.map(({ name: field, size }, f) => {
    const counts = new Uint32Array(size);
    for (const line of bySplit[0]) counts[codes[line * width + f]]++;
    return { name: field, ...runSteps(rankByPopularity(counts, minCount)) };
  });
  const labels = Float32Array.from(order, (line) => drawn.labels[line]);
  return {
    name,
    format: 'sample',
    task,
    fields: ranked.map(({ name: field, cardinality, counts, rareId }) => ({
      name: field,
      cardinality,
      counts,
      rareId,
    })),
    numericColumns,
    examples: order.length,
    splits: {
      train: { start: 0, count: train },
      validation: { start: train, count: validation },
      test: { start: train + validation, count: test },
    },
    ids: Uint32Array.from({ length: order.length * width }, (_, i) => {
      const f = i % width;
      return ranked[f].idOfCode[codes[order[(i - f) / width] * width + f]];
    }),
    numbers: inOrder(drawn.numbers, numericColumns.length, order),
    labels,
    labelMean: meanTrainingLabel(name, task, labels.subarray(0, train)),
  };
}

function inOrder(numbers: Float32Array, columns: number, order: readonly number[]): Float32Array {
  const ordered = new Float32Array(numbers.length);
  for (const [i, line] of order.entries()) {
    ordered.set(numbers.subarray(line * columns, (line + 1) * columns), i * columns);
  }
  return ordered;
}
