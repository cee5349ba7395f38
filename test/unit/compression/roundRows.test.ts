import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codedWords, roundRows } from '../../../src/compression/roundRows.ts';

const values = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { maxLength: 200 });
const codes = fc.record({
  bits: fc.constantFrom(8 as const, 4 as const),
  group: fc.integer({ min: 1, max: 33 }),
  isSparse: fc.boolean(),
});

describe('rounding after training', () => {
  it('moves no element by more than half a step of its group, and gives at most 2^bits values a group', () => {
    fc.assert(
      fc.property(values, codes, (drawn, rows) => {
        const before = Float32Array.from(drawn);
        const after = before.slice();
        roundRows(after, rows);
        for (let from = 0; from < before.length; from += rows.group) {
          const own = [...before.subarray(from, from + rows.group)].filter(
            (value) => !rows.isSparse || value !== 0,
          );
          const step = own.length > 0 ? (Math.max(...own) - Math.min(...own)) / (2 ** rows.bits - 1) : 0;
          const rounded = after.subarray(from, from + rows.group);
          rounded.forEach((value, i) => {
            expect(Math.abs(value - before[from + i])).toBeLessThanOrEqual(step / 2 + 2e-6);
            if (rows.isSparse && before[from + i] === 0) expect(value).toBe(before[from + i]);
          });
          expect(new Set(rounded).size).toBeLessThanOrEqual(2 ** rows.bits + 1);
        }
      }),
    );
  });

  it('stores n·(D·b/32 + 2) words for n rows of D', () => {
    expect(codedWords(1000 * 16, 1000, 8)).toBe(1000 * (16 / 4 + 2));
    expect(codedWords(1000 * 16, 1000, 4)).toBe(1000 * (16 / 8 + 2));
    expect(codedWords(5, 1, 4)).toBe(1 + 2);
  });
});
