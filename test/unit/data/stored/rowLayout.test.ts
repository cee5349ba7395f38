import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRows, rowLayoutOf, unpackRows } from '../../../../src/data/stored/rowLayout.ts';

const cardinality = fc.oneof(
  fc.constantFrom(1, 2, 3, 2 ** 16, 2 ** 31, 2 ** 32),
  fc.integer({ min: 1, max: 5000 }),
);

const table = fc
  .record({
    cardinalities: fc.array(cardinality, { maxLength: 12 }),
    columns: fc.nat(4),
    isRating: fc.boolean(),
    examples: fc.nat(20),
  })
  .chain(({ cardinalities, columns, isRating, examples }) =>
    fc.record({
      task: fc.constant(isRating ? ('rating' as const) : ('click' as const)),
      cardinalities: fc.constant(cardinalities),
      columns: fc.constant(columns),
      examples: fc.constant(examples),
      ids: fc
        .array(fc.tuple(...cardinalities.map((rows) => fc.integer({ min: 0, max: rows - 1 }))), {
          minLength: examples,
          maxLength: examples,
        })
        .map((rows) => Uint32Array.from(rows.flat())),
      numbers: fc.float32Array({
        minLength: examples * columns,
        maxLength: examples * columns,
        noNaN: true,
      }),
      labels: isRating
        ? fc.float32Array({ minLength: examples, maxLength: examples, noNaN: true })
        : fc
            .array(fc.nat(1), { minLength: examples, maxLength: examples })
            .map((labels) => Float32Array.from(labels)),
    }),
  );

test('what is packed is unpacked as it was, in any order', () => {
  fc.assert(
    fc.property(table, ({ cardinalities, columns, examples, task, ...packed }) => {
      const layout = rowLayoutOf({
        fields: cardinalities.map((rows) => ({ cardinality: rows })),
        numericColumns: Array(columns),
        task,
      });
      const rows = new Uint32Array(examples * layout.rowWords).fill(0xffffffff);
      packRows(layout, packed, 0, examples, rows);
      const into = {
        ids: new Uint32Array(packed.ids.length),
        numbers: new Float32Array(packed.numbers.length),
        labels: new Float32Array(examples),
      };
      unpackRows(layout, rows, 0, examples, into);
      expect(into).toEqual(packed);
      const backwards = Uint32Array.from({ length: examples }, (_, i) => examples - 1 - i);
      unpackRows(layout, rows, backwards, examples, into);
      expect(into.labels).toEqual(packed.labels.toReversed());
      unpackRows(layout, rows, backwards, examples, into);
      const width = cardinalities.length;
      for (let i = 0; i < examples; i++)
        expect(into.ids.subarray(i * width, (i + 1) * width)).toEqual(
          packed.ids.subarray((examples - 1 - i) * width, (examples - i) * width),
        );
    }),
  );
});

test('a row has as few bits as its ids need, in whole words', () => {
  const fields = [1, 2, 3, 1000, 2 ** 20].map((cardinality) => ({ cardinality }));
  // 0 + 1 + 2 + 10 + 20 bits of ids, and one of the label.
  expect(rowLayoutOf({ fields, numericColumns: [], task: 'click' }).rowBytes).toBe(8);
  expect(rowLayoutOf({ fields: fields.slice(0, 4), numericColumns: [], task: 'click' }).rowBytes).toBe(4);
  expect(rowLayoutOf({ fields, numericColumns: [1, 2], task: 'rating' }).rowBytes).toBe(20);
});
