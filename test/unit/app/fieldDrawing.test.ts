import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOutDiagram } from '../../../src/app/dims/drawing/diagramLayout.ts';
import { describeField, type FieldDiagram } from '../../../src/app/dims/drawing/fieldDiagram.ts';
import { describeDiagram } from '../../../src/app/dims/drawing/fieldWords.ts';
import {
  collisionsOf,
  companionsOf,
  drawCompanion,
  drawId,
  neighboursOf,
} from '../../../src/app/dims/drawing/collisions.ts';
import { allocate } from '../../../src/compression/allocate.ts';
import type { Allocation, FieldStorage } from '../../../src/compression/allocation.ts';
import type { AllocationRequest } from '../../../src/compression/method.ts';
import { methods } from '../../../src/compression/methods.ts';
import { placeFields } from '../../../src/model/placeFields.ts';
import { type Address, locate, type Lookup } from '../../../src/program/lookup.ts';
import type { MethodId } from '../../../src/settings/settings.ts';

const usual = { alpha: 0.3, blocks: 1, popularity: 'rows', rounding: 'integer', maxDim: 64 } as const;
const everyMethod = Object.keys(methods) as MethodId[];
const fields = [4, 1500, 90].map((cardinality, i) => ({
  name: `C${i + 1}`,
  cardinality,
  counts: Uint32Array.from({ length: cardinality }, (_, id) => Math.ceil(900 / (id + 1))),
}));

function allocation(request: Partial<AllocationRequest>): Allocation {
  return allocate(fields, { ...usual, budget: 8000, ...request } as AllocationRequest);
}

function scene(
  request: Partial<AllocationRequest>,
  field: number,
  ids: readonly [number, number],
): FieldDiagram {
  return describeField(allocation(request), fields, field, ids, 'Some method');
}

const words = (...of: Parameters<typeof scene>) => describeDiagram(scene(...of));
const address = fc.oneof(
  fc.record({
    kind: fc.constant('digit' as const),
    divisor: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('split' as const), hot: fc.nat(9), cold: fc.integer({ min: 1, max: 9 }) }),
);
const lookupOf = (own: Address): Lookup => ({ field: 1, space: 0, address: own });
const idsBelow = (ids: number) => Array.from({ length: ids }, (_, id) => id);

describe('the ids that share', () => {
  test('a row are those that locate sends there, in order', () =>
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 200 }), fc.nat(199), (own, ids, seed) => {
        const row = locate(lookupOf(own), seed % ids);
        const expected = idsBelow(ids).filter((id) => locate(lookupOf(own), id) === row);
        const sharers = collisionsOf(own, row, ids)!;
        expect(sharers.count).toBe(expected.length);
        expect(expected.map((_, k) => sharers.at(k))).toEqual(expected);
      }),
    ));

  test('every row are counted', () =>
    fc.assert(
      fc.property(
        fc.array(address, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 200 }),
        (all, ids) => {
          const lookups = all.map(lookupOf);
          const id = ids >> 1;
          const count = idsBelow(ids).filter(
            (other) =>
              other !== id && lookups.every((lookup) => locate(lookup, other) === locate(lookup, id)),
          ).length;
          expect(companionsOf(lookups, id, ids)).toEqual({ count, scanned: ids });
        },
      ),
    ));

  test('a place of a memory are found, for any chunk', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 20, max: 300 }), (chunk, rows) => {
        const lookups = Array.from({ length: 12 }, (_, i) =>
          lookupOf({ kind: 'hash', seed: 7, part: Math.floor(i / chunk), within: i % chunk, rows }),
        );
        const own = new Set(lookups.map((lookup) => locate(lookup, 3)));
        const expected = idsBelow(150).filter(
          (id) => id !== 3 && lookups.some((lookup) => own.has(locate(lookup, id))),
        );
        expect(neighboursOf(lookups, 3, 150)).toEqual({ ids: expected, scanned: 150 });
      }),
    ));

  test('are looked for among few, however large the field', () => {
    const memory = lookupOf({ kind: 'hash', seed: 7, part: 0, within: 0, rows: 1e6 });
    expect(neighboursOf([memory], 3, 1e7).scanned).toBe(20_000);
    expect(companionsOf([lookupOf({ kind: 'digit', divisor: 1, rows: 2 })], 3, 1e7).scanned).toBe(20_000);
  });
});

describe('the scene', () => {
  const anyRequest = fc.record({
    method: fc.constantFrom(...everyMethod),
    budget: fc.integer({ min: 26_000, max: 60_000 }),
    vectorDim: fc.constantFrom(1, 5, 16),
    threshold: fc.constantFrom(0, 100),
    rounding: fc.constantFrom('none' as const, 'integer' as const),
    blocks: fc.integer({ min: 1, max: 16 }),
    combine: fc.constantFrom('multiply' as const, 'add' as const, 'concatenate' as const),
    chunk: fc.integer({ min: 1, max: 20 }),
  });

  test('has the rows that locate gives, in tables that hold them, under every method', () =>
    fc.assert(
      fc.property(anyRequest, fc.nat(2), fc.nat(1499), fc.nat(1499), (request, field, a, b) => {
        const own = allocation({ ...request, rounding: 'integer' });
        const ids = [a % fields[field].cardinality, b % fields[field].cardinality] as const;
        const { tables, vectors } = describeField(own, fields, field, ids, 'x');
        const placed = placeFields(
          own,
          fields.map(({ cardinality }) => cardinality),
          'xavier',
          false,
        );
        const lookups = placed.lookups.filter((lookup) => lookup.field === field);
        const isUnknown = lookups.some((lookup) => lookup.address.kind === 'signature');
        ids.forEach((id, who) => {
          const rows = tables.flatMap(({ picks }) => (picks[who] ?? []).map(({ row }) => row));
          expect(rows).toEqual(isUnknown ? [] : lookups.map((lookup) => locate(lookup, id)));
          expect(vectors[who]).toHaveLength(own.baseDim);
        });
        for (const { picks, firstId, rows } of tables)
          for (const { row } of picks.flatMap((each) => each ?? [])) {
            expect(row).toBeGreaterThanOrEqual(firstId);
            expect(row).toBeLessThan(firstId + rows);
          }
      }),
    ));

  test('fits any frame, with row numbers that do not cover each other, and is told in one sentence', () =>
    fc.assert(
      fc.property(
        anyRequest,
        fc.nat(2),
        fc.integer({ min: 300, max: 1200 }),
        fc.integer({ min: 150, max: 300 }),
        (request, field, width, height) => {
          const own = allocation(request);
          const id = drawId(field, 0, fields[field].cardinality);
          const ids = [id, drawCompanion(own, fields, field, 0, id)] as const;
          const drawn = describeField(own, fields, field, ids, 'x');
          const layout = layOutDiagram(drawn, { width, height });
          const boxes = [
            ...layout.ids,
            ...layout.tables,
            ...layout.rows,
            ...layout.combines,
            ...layout.cells,
          ];
          for (const box of boxes) {
            expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
            expect(box.x + box.width).toBeLessThanOrEqual(width + 1e-6);
            expect(box.y + box.height).toBeLessThanOrEqual(height + 1e-6);
          }
          const ys = layout.labels.map(({ y }) => y);
          for (const [i, y] of ys.slice(1).entries()) expect(y - ys[i]).toBeGreaterThanOrEqual(11.99);
          const { sentence } = describeDiagram(drawn);
          expect(sentence).toMatch(/^[A-Z\d].*\.$/);
          expect(sentence).not.toMatch(/undefined|NaN|null|\. /);
        },
      ),
    ));

  test('marks what two ids have in common', () => {
    const request = { method: 'quotient-remainder', collisions: 50, combine: 'multiply' } as const;
    expect(scene(request, 1, [3, 33]).vectors[1][0]).toBe('part');
    expect(scene(request, 1, [3, 64]).vectors[1][0]).toBe('own');
    expect(scene({ method: 'hashing', collisions: 50 }, 1, [3, 33]).vectors[1][0]).toBe('shared');
    const { vectors } = scene({ ...request, combine: 'concatenate' }, 1, [3, 33]);
    expect(vectors[0]).toEqual([...Array(8).fill('shared'), ...Array(8).fill('own')]);
  });

  test('of a storage that it does not know is the method’s name', () => {
    const known = allocation({ method: 'uniform' });
    const novel = { kind: 'novel' } as unknown as FieldStorage;
    const unknown = { ...known, fields: [known.fields[0], novel, known.fields[2]] };
    const drawn = describeField(unknown, fields, 1, [5, 6], 'Novel method');
    expect(describeDiagram(drawn).sentence).toBe(
      `Id 5 of C2: Novel method makes its vector of ${known.baseDim} elements.`,
    );
    expect(layOutDiagram(drawn, { width: 600, height: 200 })).toMatchObject({
      tables: [],
      combines: [{ word: 'Novel method' }, { word: 'Novel method' }],
    });
  });

  test('draws ids again from the same draw, and beside them one that shares a row', () => {
    const own = allocation({ method: 'quotient-remainder' });
    for (const draw of idsBelow(20)) {
      const id = drawId(1, draw, 1500);
      expect(drawId(1, draw, 1500)).toBe(id);
      const other = drawCompanion(own, fields, 1, draw, id);
      expect(other).not.toBe(id);
      const { tables } = describeField(own, fields, 1, [id, other], '');
      expect(tables.flatMap(({ picks }) => picks[0]!).filter(({ isShared }) => isShared)).toHaveLength(1);
    }
  });
});

describe('the sentence', () => {
  test('says which rows an id takes and how many ids share them', () => {
    const request = { method: 'quotient-remainder', collisions: 50, combine: 'multiply' } as const;
    expect(words(request, 1, [1204, 4])).toEqual({
      sentence:
        'Id 1,204 of C2 takes row 4 of 30 and row 40 of 50, multiplied element by element; 49 other ids share the first, 29 the second, none both.',
      beside: 'Id 4 shares the first row with it.',
    });
  });

  test('says that a row is an id’s own, and what projects it', () => {
    expect(words({ method: 'full', budget: 1e6 }, 1, [7, 8])).toEqual({
      sentence: 'Id 7 of C2 has row 7 of 1,500 to itself, and that is its vector.',
      beside: 'Id 8 shares no row with it.',
    });
    expect(words({ method: 'mixed-dimension' }, 1, [7, 8]).sentence).toMatch(
      /^Id 7 of C2 has row 7 of 1,500 to itself: \d+ numbers?, of which a projection that all 1,500 rows share makes \d+\.$/,
    );
  });

  test('says where elements lie in a memory, and with how many others', () => {
    expect(words({ method: 'robe', chunk: 8 }, 1, [7, 8]).sentence).toMatch(
      /^The 16 elements of id 7 of C2 lie where a hash says, 2 runs of 8, in a memory of 8,000 numbers; of the other 1,499 ids, \d+ share at least one\.$/,
    );
    expect(words({ method: 'lma' }, 1, [7, 8]).sentence).toContain('of what it occurs with');
  });

  test('tells popular ids from those that share', () => {
    expect(words({ method: 'frequency-split', hotShare: 0.5 }, 1, [7, 8]).sentence).toMatch(
      /^Id 7 of C2 is one of the \d+ popular ids that have a row of their own: row 7 of \d+\.$/,
    );
    expect(words({ method: 'frequency-split', hotShare: 0.5 }, 1, [1400, 8]).sentence).toMatch(
      /^Id 1,400 of C2 is not one of the \d+ popular ids: it takes row \d+ of \d+, one of \d+ that the others share, with \d+ other ids\.$/,
    );
  });

  test('names the network where nothing is looked up', () => {
    const request = { method: 'deep-hash', hashes: 8, hiddenLayers: 1, hiddenWidth: 12 } as const;
    expect(words(request, 1, [7, 8])).toEqual({
      sentence:
        '8 hashes of id 7 of C2, as numbers from −1 to 1, pass through the network 8 → 12 → 12 → 16 that all such fields share, and give its vector; no table is looked up.',
      beside: 'Id 8 has other hashes, and the same network.',
    });
  });
});
