import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate, type Lookup, ownRows } from '../../../src/program/lookup.ts';
import { LONG_SEGMENT } from '../../../src/program/operand.ts';
import { RowIndexBuilder } from '../../../src/training/batches/rowIndex.ts';

interface SortedLookups {
  readonly occurrences: readonly number[];
  readonly starts: readonly number[];
  readonly long: readonly number[];
}

/** By definition: sort, cut, list. */
function naiveIndex(ids: Uint32Array, fields: number, count: number): SortedLookups {
  const occurrences = Array.from({ length: count * fields }, (_, i) => i).sort(
    (a, b) => (a % fields) - (b % fields) || ids[a] - ids[b] || a - b,
  );
  const starts = occurrences.flatMap((lookup, i) => {
    const before = occurrences[i - 1];
    const isNew = i === 0 || before % fields !== lookup % fields || ids[before] !== ids[lookup];
    return isNew ? [i] : [];
  });
  const ends = [...starts.slice(1), occurrences.length];
  const long = [...starts.keys()].filter((k) => ends[k] - starts[k] > LONG_SEGMENT);
  return { occurrences, starts: [...starts, occurrences.length], long };
}

function indexOf(builder: RowIndexBuilder, ids: Uint32Array, fields: number, count: number): SortedLookups {
  builder.build(ids, count);
  return {
    occurrences: [...builder.occurrences.subarray(0, count * fields)],
    starts: [...builder.starts.subarray(0, builder.segments + 1)],
    long: [...builder.long.subarray(0, builder.longSegments)],
  };
}

interface Case {
  readonly cardinalities: readonly number[];
  readonly batch: number;
  readonly batches: readonly { readonly count: number; readonly ids: readonly number[] }[];
}

const rows = fc.oneof(
  fc.constantFrom(1, 2, 255, 256, 257, 65_536, 65_537, 2 ** 24 + 1, 2 ** 32 - 1),
  fc.nat(99).map((n) => n + 1),
);
const cases: fc.Arbitrary<Case> = fc
  .record({
    cardinalities: fc.array(rows, { minLength: 1, maxLength: 5 }),
    batch: fc.integer({ min: 1, max: 150 }),
  })
  .chain(({ cardinalities, batch }) => {
    const example = fc.tuple(...cardinalities.map((n) => fc.nat(n - 1)));
    const one = fc
      .record({
        count: fc.integer({ min: 0, max: batch }),
        ids: fc.array(example, { minLength: batch, maxLength: batch }),
      })
      .map(({ count, ids }) => ({ count, ids: ids.flat() }));
    return fc
      .array(one, { minLength: 1, maxLength: 3 })
      .map((batches) => ({ cardinalities, batch, batches }));
  });

describe('the row index of a batch', () => {
  test('is the naive sort by field, id and example, whatever was indexed before', () => {
    fc.assert(
      fc.property(cases, ({ cardinalities, batch, batches }) => {
        const builder = new RowIndexBuilder(batch, cardinalities, ownRows(cardinalities));
        for (const { count, ids } of batches) {
          const words = new Uint32Array(ids);
          const fields = cardinalities.length;
          expect(indexOf(builder, words, fields, count)).toEqual(naiveIndex(words, fields, count));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('brings equal rows of lookups that share a space into one segment', () => {
    const hash = (field: number, part: number): Lookup => ({
      field,
      space: 1,
      address: { kind: 'hash', seed: 5, part, within: part, rows: 7 },
    });
    const lookups = [...ownRows([4]), hash(0, 0), hash(0, 1), hash(1, 0)];
    const builder = new RowIndexBuilder(30, [4, 9], lookups);
    const ids = Uint32Array.from({ length: 60 }, (_, i) => (i * 7 + (i >> 2)) % (i % 2 ? 9 : 4));
    const { occurrences, starts } = indexOf(builder, ids, 4, 30);
    const keys = occurrences.map((occurrence) => {
      const lookup = lookups[occurrence % 4];
      return 1000 * lookup.space + locate(lookup, ids[2 * Math.floor(occurrence / 4) + lookup.field]);
    });
    const inOrder = [...occurrences.keys()].sort(
      (a, b) => keys[a] - keys[b] || occurrences[a] - occurrences[b],
    );
    expect(inOrder).toEqual([...occurrences.keys()]);
    const expected = keys.flatMap((key, i) => (key === keys[i - 1] ? [] : [i]));
    expect(starts).toEqual([...expected, 120]);
  });

  test('lists a segment as long from one more than LONG_SEGMENT occurrences', () => {
    const batch = 2 * LONG_SEGMENT + 1;
    const ids = Uint32Array.from({ length: batch }, (_, i) => (i < LONG_SEGMENT ? 0 : 1));
    const index = indexOf(new RowIndexBuilder(batch, [2], ownRows([2])), ids, 1, batch);
    expect(index.starts).toEqual([0, LONG_SEGMENT, batch]);
    expect(index.long).toEqual([1]);
  });

  test('holds as many long segments as fit', () => {
    const length = LONG_SEGMENT + 1;
    const ids = Uint32Array.from({ length: 10 * length }, (_, i) => i % 10);
    const builder = new RowIndexBuilder(ids.length, [10], ownRows([10]));
    builder.build(ids, ids.length);
    expect(builder.longSegments).toBe(10);
  });
});
