import type { Allocation } from '../../compression/allocation.ts';
import { signing } from '../../compression/minhash.ts';
import type { Pieces } from '../../pieces/pieces.ts';
import type { DatasetInfo } from '../../data/dataset.ts';
import { allocateExamples, type ReadableDataset, readerOf } from '../../data/stored/exampleReader.ts';

const remembered = new WeakMap<ReadableDataset, Map<string, Uint32Array>>();

/**
 * The signatures u32[rows, 2] of the fields that the allocation looks up by signature, one field after the other; undefined: there
 * are none. They are computed from the training split once for a data set, a seed and a choice of fields (about a second for
 * 125,000 examples of 26 fields).
 */
export function* signaturesFor(
  { fields }: Allocation,
  dataset: ReadableDataset,
  seed: number,
): Pieces<Uint32Array | undefined> {
  const isSigned = fields.map((storage) => storage.kind === 'similar');
  if (!isSigned.includes(true)) return undefined;
  const known = remembered.get(dataset) ?? new Map<string, Uint32Array>();
  remembered.set(dataset, known);
  const key = [seed, ...isSigned].join();
  const words = known.get(key) ?? (yield* sign(dataset, isSigned, seed));
  known.set(key, words);
  return words;
}

/** As many words as signaturesFor returns, all 0. A plan needs to know no more of them. */
export function blankSignatures(
  { fields }: Allocation,
  dataset: Pick<DatasetInfo, 'fields'>,
): Uint32Array | undefined {
  const signed = fields.map((storage, field) =>
    storage.kind === 'similar' ? dataset.fields[field].cardinality : 0,
  );
  const rows = signed.reduce((sum, each) => sum + each, 0);
  return rows > 0 ? new Uint32Array(2 * rows) : undefined;
}

function* sign(dataset: ReadableDataset, isSigned: readonly boolean[], seed: number): Pieces<Uint32Array> {
  const cardinalities = dataset.fields.map((field) => field.cardinality);
  const idsOf = (examples: Uint32Array): Uint32Array => {
    const picked = allocateExamples(dataset, examples.length);
    readerOf(dataset).pick(examples, picked);
    return picked.ids;
  };
  const { words } = yield* signing({ cardinalities, idsOf, train: dataset.splits.train }, seed);
  const signed = cardinalities.reduce((sum, rows, field) => sum + (isSigned[field] ? rows : 0), 0);
  const kept = new Uint32Array(2 * signed);
  let from = 0;
  let to = 0;
  cardinalities.forEach((rows, field) => {
    if (isSigned[field]) {
      kept.set(words.subarray(from, from + 2 * rows), to);
      to += 2 * rows;
    }
    from += 2 * rows;
  });
  return kept;
}
