import type { Dataset, DatasetInfo } from './dataset.ts';
import { sha256Of } from './digest.ts';
import { packedPages } from './stored/datasetWriter.ts';
import { bytesOf } from './stored/examplePages.ts';

const known = new WeakMap<DatasetInfo, Promise<string>>();

/**
 * The identity of a data set, as 16 hexadecimal digits: equal for the same examples in the same roles, encoded and split in the same
 * way, whatever the file is called and wherever the examples lie. Computed once a data set, beside the thread where the browser can.
 */
export function fingerprintOf(
  dataset: Dataset | (DatasetInfo & { readonly fingerprint: string }),
): Promise<string> {
  if (dataset.fingerprint !== undefined) return Promise.resolve(dataset.fingerprint);
  const own = dataset as Dataset;
  const fingerprint = known.get(dataset) ?? fingerprintOfPages(own, packedPages(own));
  known.set(dataset, fingerprint);
  return fingerprint;
}

/** The same from all rows of a data set, packed as rowLayoutOf(info) says, in pages of PAGE_EXAMPLES. */
export async function fingerprintOfPages(info: DatasetInfo, pages: Iterable<Uint32Array>): Promise<string> {
  const { task, fields, numericColumns, splits, report } = info;
  const own = fields.map(({ name, cardinality, rareId }) => ({ name, cardinality, rareId }));
  const { minCount, splitBy } = report;
  const about = JSON.stringify({ task, own, numericColumns, splits, minCount, splitBy });
  const digests = [await sha256Of(new TextEncoder().encode(about))];
  for (const page of pages) digests.push(await sha256Of(bytesOf(page)));
  return (await sha256Of(new TextEncoder().encode(digests.join()))).slice(0, 16);
}
