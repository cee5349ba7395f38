import type { Dataset, DatasetInfo } from '../dataset.ts';
import { openStored } from './datasetFile.ts';
import { allocateExamples, type OpenDataset, type ReadableDataset, readerOf } from './exampleReader.ts';
import type { DatasetStorage } from './storage.ts';

/** Most bytes of examples in memory; a larger data set is read from its file while it is trained on. */
const MEMORY_BYTES = 2 ** 28;

/** Of ids, numbers and labels in memory. */
function examplesBytes({ examples, fields, numericColumns }: DatasetInfo): number {
  return 4 * examples * (fields.length + numericColumns.length + 1);
}

/** Opens a stored data set, and reads it into memory if it is small. Rejects with DataError. */
export async function reopen(storage: DatasetStorage, name: string): Promise<ReadableDataset> {
  const stored = await openStored(storage, name);
  if (examplesBytes(stored) > MEMORY_BYTES) return stored;
  try {
    return readWhole(stored);
  } finally {
    stored.close();
  }
}

function readWhole(stored: OpenDataset): Dataset {
  const { pages: _, close: __, file: ___, sizeBytes: ____, ...info } = stored;
  const examples = allocateExamples(stored, stored.examples);
  readerOf(stored).read(0, stored.examples, examples);
  return { ...info, ...examples };
}
