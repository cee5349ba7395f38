import type { Lookups } from '../../src/compression/minhash.ts';

/** Lookups of examples that are in memory. `ids` u32[examples, fields]. */
export function lookupsOf({
  cardinalities,
  ids,
  train,
}: Pick<Lookups, 'cardinalities' | 'train'> & { readonly ids: Uint32Array }): Lookups {
  const fields = cardinalities.length;
  const idsOf = (examples: Uint32Array): Uint32Array =>
    Uint32Array.from({ length: examples.length * fields }, (_, i) => {
      const example = examples[Math.floor(i / fields)];
      return ids[example * fields + (i % fields)];
    });
  return { cardinalities, train, idsOf };
}
