import type { Dataset } from './dataset.ts';
import { sha256Of } from './digest.ts';

const known = new WeakMap<Dataset, Promise<string>>();

/**
 * The identity of a data set, as 16 hexadecimal digits: equal for the same examples in the same roles, encoded and split in the same
 * way, whatever the file is called. Computed once a data set, beside the thread where the browser can.
 */
export function fingerprintOf(dataset: Dataset): Promise<string> {
  if (dataset.fingerprint !== undefined) return Promise.resolve(dataset.fingerprint);
  const fingerprint = known.get(dataset) ?? compute(dataset);
  known.set(dataset, fingerprint);
  return fingerprint;
}

async function compute(dataset: Dataset): Promise<string> {
  const { task, fields, numericColumns, splits, report, ids, numbers, labels } = dataset;
  const own = fields.map(({ name, cardinality, rareId }) => ({ name, cardinality, rareId }));
  const { minCount, splitBy } = report;
  const about = JSON.stringify({ task, own, numericColumns, splits, minCount, splitBy });
  const digests = await Promise.all(
    [new TextEncoder().encode(about), ids, numbers, labels].map(({ buffer, byteOffset, byteLength }) =>
      sha256Of(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)),
    ),
  );
  return (await sha256Of(new TextEncoder().encode(digests.join()))).slice(0, 16);
}
