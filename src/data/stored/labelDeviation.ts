import { readLabels } from '../readColumn.ts';
import type { ReadableDataset } from './exampleReader.ts';

const known = new WeakMap<ReadableDataset, number>();

/** The standard deviation of the training labels. Read once a data set. Throws DataError where a file cannot be read. */
export function labelDeviationOf(dataset: ReadableDataset): number {
  const deviation = known.get(dataset) ?? measure(dataset);
  known.set(dataset, deviation);
  return deviation;
}

function measure(dataset: ReadableDataset): number {
  const { train } = dataset.splits;
  let squares = 0;
  for (const label of readLabels(dataset, train)) squares += (label - dataset.labelMean) ** 2;
  return Math.sqrt(squares / train.count);
}
