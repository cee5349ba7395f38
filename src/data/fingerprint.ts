import type { Dataset } from './dataset.ts';

const known = new WeakMap<Dataset, Promise<string>>();

/**
 * Equal for the same examples, encoded and split in the same way, whatever the file is called: 16 hexadecimal digits of SHA-256.
 * Computed once a data set, beside the thread. Rejects with TypeError where the browser has no crypto.subtle, as on plain http.
 */
export function fingerprintOf(dataset: Dataset): Promise<string> {
  const fingerprint = known.get(dataset) ?? compute(dataset);
  known.set(dataset, fingerprint);
  return fingerprint;
}

async function compute({ task, fields, splits, ids, numbers, labels }: Dataset): Promise<string> {
  const about = JSON.stringify([task, fields.map((field) => field.cardinality), splits]);
  const parts = [new TextEncoder().encode(about), ids, numbers, labels].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  );
  const digests = await Promise.all(parts.map((part) => crypto.subtle.digest('SHA-256', part)));
  const joined = new Uint8Array(32 * digests.length);
  digests.forEach((digest, i) => joined.set(new Uint8Array(digest), 32 * i));
  const whole = new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
  return Array.from(whole.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
