import type { Examples, Range } from './dataset.ts';
import { PAGE_EXAMPLES } from './stored/examplePages.ts';
import { allocateExamples, type ReadableDataset, readerOf } from './stored/exampleReader.ts';

/** The ids of one field, of consecutive examples. [count] Throws DataError where a file cannot be read. */
export function readColumn(dataset: ReadableDataset, range: Range, field: number): Uint32Array {
  const column = new Uint32Array(range.count);
  const fields = dataset.fields.length;
  readInPages(dataset, range, ({ ids }, from, count) => {
    for (let i = 0; i < count; i++) column[from + i] = ids[i * fields + field];
  });
  return column;
}

/** The labels of consecutive examples. [count] Throws DataError where a file cannot be read. */
export function readLabels(dataset: ReadableDataset, range: Range): Float32Array {
  const all = new Float32Array(range.count);
  readInPages(dataset, range, ({ labels }, from, count) => all.set(labels.subarray(0, count), from));
  return all;
}

/** Hands over the examples of a range, at most a page at a time, with how many come before them and how many they are. */
function readInPages(
  dataset: ReadableDataset,
  { start, count }: Range,
  take: (examples: Examples, from: number, count: number) => void,
): void {
  const reader = readerOf(dataset);
  const read = allocateExamples(dataset, PAGE_EXAMPLES);
  for (let from = 0; from < count; from += PAGE_EXAMPLES) {
    const length = Math.min(PAGE_EXAMPLES, count - from);
    reader.read(start + from, length, read);
    take(read, from, length);
  }
}
