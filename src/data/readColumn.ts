import type { Range } from './dataset.ts';
import { PAGE_EXAMPLES } from './stored/examplePages.ts';
import { allocateExamples, type ReadableDataset, readerOf } from './stored/exampleReader.ts';

/** The ids of one field, of consecutive examples. [count] Throws DataError where a file cannot be read. */
export function readColumn(dataset: ReadableDataset, { start, count }: Range, field: number): Uint32Array {
  const column = new Uint32Array(count);
  const fields = dataset.fields.length;
  const reader = readerOf(dataset);
  const read = allocateExamples(dataset, PAGE_EXAMPLES);
  for (let done = 0; done < count; done += PAGE_EXAMPLES) {
    const length = Math.min(PAGE_EXAMPLES, count - done);
    reader.read(start + done, length, read);
    for (let i = 0; i < length; i++) column[done + i] = read.ids[i * fields + field];
  }
  return column;
}
