import { PAGE_EXAMPLES } from './examplePages.ts';
import { allocateExamples, type ReadableDataset, readerOf } from './exampleReader.ts';

const known = new WeakMap<ReadableDataset, number>();

/** The standard deviation of the training labels. Read once a data set. Throws DataError where a file cannot be read. */
export function labelDeviationOf(dataset: ReadableDataset): number {
  const deviation = known.get(dataset) ?? measure(dataset);
  known.set(dataset, deviation);
  return deviation;
}

function measure(dataset: ReadableDataset): number {
  const { start, count } = dataset.splits.train;
  const reader = readerOf(dataset);
  const read = allocateExamples(dataset, PAGE_EXAMPLES);
  let squares = 0;
  for (let done = 0; done < count; done += PAGE_EXAMPLES) {
    const length = Math.min(PAGE_EXAMPLES, count - done);
    reader.read(start + done, length, read);
    for (let i = 0; i < length; i++) squares += (read.labels[i] - dataset.labelMean) ** 2;
  }
  return Math.sqrt(squares / count);
}
