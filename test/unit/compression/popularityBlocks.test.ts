import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldStatistics } from '../../../src/compression/allocation.ts';
import { AllocationError } from '../../../src/compression/errors.ts';
import { cuttingBlocks, popularityBlocks } from '../../../src/compression/popularityBlocks.ts';
import { countedFields } from './arbitraries.ts';

const cut = (counts: readonly number[], k: number) =>
  popularityBlocks([{ name: 'f', cardinality: counts.length, counts: Uint32Array.from(counts) }], k);

const rowsOf = (counts: readonly number[], k: number) => cut(counts, k).map(({ rows }) => rows);

describe('popularity blocks', () => {
  it('hold every id exactly once, in order, none empty, at most k a field, with all of the mass', () => {
    fc.assert(
      fc.property(countedFields(5, 300), fc.integer({ min: 1, max: 16 }), (fields, k) => {
        const blocks = popularityBlocks(fields, k);
        for (const [index, field] of fields.entries()) {
          const own = blocks.filter((block) => block.field === index);
          let next = 0;
          for (const { firstId, rows } of own) {
            expect(firstId).toBe(next);
            expect(rows).toBeGreaterThan(0);
            next += rows;
          }
          expect(next).toBe(field.cardinality);
          expect(own.length).toBeLessThanOrEqual(k);
          expect(own.reduce((sum, { mass }) => sum + mass, 0)).toBeCloseTo(1, 9);
        }
        expect(blocks.map(({ field }) => field)).toEqual(
          blocks.map(({ field }) => field).toSorted((a, b) => a - b),
        );
      }),
    );
  });

  it('are cut where the cumulative mass reaches j/k', () => {
    expect(rowsOf([4, 2, 1, 1], 2)).toEqual([1, 3]);
    expect(rowsOf([4, 2, 1, 1], 4)).toEqual([1, 1, 2]);
    expect(rowsOf([1, 1, 1, 1, 1, 1], 3)).toEqual([2, 2, 2]);
    expect(cut([4, 2, 1, 1], 2).map(({ mass }) => mass)).toEqual([0.5, 0.5]);
  });

  it('are fewer where one id is more popular than 1/k', () => {
    expect(rowsOf([90, 5, 5], 4)).toEqual([1, 2]);
    expect(rowsOf([5], 8)).toEqual([1]);
  });

  it('keep rows that were never looked up in the last block', () => {
    expect(rowsOf([3, 3, 0, 0, 0], 2)).toEqual([1, 4]);
    expect(rowsOf([6, 0, 0], 2)).toEqual([1, 2]);
  });

  it('are equal ranges in a field that nobody looked up', () => {
    expect(rowsOf([0, 0, 0, 0], 2)).toEqual([2, 2]);
  });

  it('of ten million rows are cut in pieces that rest, and then found at once, for some of the fields too', () => {
    const rows = 10_000_000;
    const counts = Uint32Array.from({ length: rows }, (_, id) => Math.ceil(1e6 / (id + 1)));
    const fields = ['a', 'b'].map((name) => ({ name, cardinality: rows, counts }));
    const pieces = cuttingBlocks(fields, 8);
    let rests = 0;
    while (!pieces.next().done) rests++;
    // Three passes over each field, a million counts a piece.
    expect(rests).toBe(2 * 3 * Math.ceil(rows / 2 ** 20));
    const [first] = fields;
    expect(cuttingBlocks([first], 8).next()).toEqual({
      done: true,
      value: popularityBlocks(fields, 8).filter(({ field }) => field === 0),
    });
  });

  it('need counts when there is more than one, as many as rows, most popular first', () => {
    const uncounted: FieldStatistics[] = [{ name: 'C1', cardinality: 5 }];
    expect(popularityBlocks(uncounted, 1)).toEqual([{ field: 0, firstId: 0, rows: 5, mass: 1 }]);
    expect(() => popularityBlocks(uncounted, 2)).toThrow(/Field C1 has no lookup counts/);
    const short = [{ name: 'C1', cardinality: 5, counts: new Uint32Array(4) }];
    expect(() => popularityBlocks(short, 2)).toThrow(/5 rows but 4 lookup counts/);
    expect(() => cut([1, 2], 2)).toThrow(/id 1 is looked up more often than id 0/);
  });

  it('need fields with rows', () => {
    expect(() => popularityBlocks([], 1)).toThrow(AllocationError);
    expect(() => popularityBlocks([{ name: 'C1', cardinality: 0 }], 1)).toThrow(/0 rows/);
  });

  it('are remembered for the same fields, so that a slider does not read the counts again', () => {
    const fields = [{ name: 'f', cardinality: 2, counts: Uint32Array.of(2, 1) }];
    expect(popularityBlocks(fields, 2)).toBe(popularityBlocks(fields, 2));
    expect(popularityBlocks(fields, 1)).not.toBe(popularityBlocks(fields, 2));
  });
});
