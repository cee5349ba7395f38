import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate } from '../../../src/compression/allocate.ts';
import type { FieldStatistics } from '../../../src/compression/allocation.ts';
import { AllocationError } from '../../../src/compression/errors.ts';
import type { AllocationRequest, BlockEnergies } from '../../../src/compression/method.ts';
import { popularityBlocks } from '../../../src/compression/popularityBlocks.ts';
import { countedFields } from './arbitraries.ts';

const request = {
  method: 'mixed-dimension',
  allocation: 'spectral',
  alpha: 0.3,
  blocks: 1,
  popularity: 'rows',
  rounding: 'integer',
  maxDim: 64,
} as const satisfies Partial<AllocationRequest>;

/** Falling energies of as many directions as a block of so many rows can have of 8. */
const energiesOf = (rows: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.double({ min: 1e-6, max: 100, noNaN: true }), { minLength: 1, maxLength: Math.min(rows, 8) })
    .map((values) => Float64Array.from(values).sort().toReversed());

const measured = (fields: readonly FieldStatistics[], blocks: number): fc.Arbitrary<BlockEnergies[]> =>
  fc
    .tuple(...popularityBlocks(fields, blocks).map(({ rows }) => energiesOf(rows)))
    .map((all) =>
      popularityBlocks(fields, blocks).map(({ field, firstId }, i) => ({ field, firstId, energies: all[i] })),
    );

const rowsOf = (fields: readonly FieldStatistics[]) =>
  fields.reduce((sum, field) => sum + field.cardinality, 0);

const cases = fc
  .record({
    fields: countedFields(5, 60),
    blocks: fc.integer({ min: 1, max: 4 }),
    rounding: fc.constantFrom<AllocationRequest['rounding']>('none', 'integer', 'power-of-two'),
    share: fc.double({ min: 1, max: 10, noNaN: true }),
  })
  .chain(({ fields, blocks, ...rest }) =>
    fc.record({
      fields: fc.constant(fields),
      blocks: fc.constant(blocks),
      spectra: measured(fields, blocks),
      rest: fc.constant(rest),
    }),
  );

/** What lookups lose of the vectors. */
const lossOf = (spectra: readonly BlockEnergies[], dims: readonly number[]): number =>
  spectra.reduce((sum, { energies }, i) => {
    const lost = Array.from(energies).slice(dims[i]);
    return sum + lost.reduce((a, b) => a + b, 0);
  }, 0);

describe('dims by spectra', () => {
  test('never exceed the budget, for any spectra, blocks and rounding', () => {
    fc.assert(
      fc.property(cases, ({ fields, blocks, rest: { rounding, share }, spectra }) => {
        const budget = Math.ceil(rowsOf(fields) * share);
        const allocation = allocate(fields, { ...request, blocks, rounding, spectra, budget });
        expect(allocation.parameters).toBeLessThanOrEqual(budget);
        for (const { dim } of allocation.blocks) {
          expect(dim).toBeGreaterThanOrEqual(1);
          expect(Number.isInteger(dim)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('lose nothing where the budget pays for every direction', () => {
    fc.assert(
      fc.property(cases, ({ fields, blocks, spectra }) => {
        const budget = 200 * rowsOf(fields) + 1e4;
        const { blocks: own } = allocate(fields, { ...request, blocks, spectra, budget });
        const dims = own.map(({ dim }) => dim);
        expect(lossOf(spectra, dims)).toBe(0);
      }),
    );
  });

  test('of blocks of equal size lose as little as any dims of the same total', () => {
    const fields = Array.from({ length: 4 }, (_, i) => ({ name: `f${i}`, cardinality: 1000 }));
    fc.assert(
      fc.property(measured(fields, 1), fc.integer({ min: 4, max: 24 }), (spectra, steps) => {
        const budget = 1000 * steps + 8 * 4 * 8; // projections are small beside rows
        const { blocks } = allocate(fields, { ...request, spectra, budget });
        const dims = blocks.map(({ dim }) => dim);
        const every = spectra.flatMap(({ energies }) => [...energies].slice(1)).sort((a, b) => b - a);
        const least = every.slice(Math.max(0, steps - 4)).reduce((a, b) => a + b, 0);
        expect(lossOf(spectra, dims)).toBeLessThanOrEqual(least + 1e-9);
      }),
    );
  });

  test('a short table is full where a projection would cost as much', () => {
    const fields = [
      { name: 'short', cardinality: 3 },
      { name: 'long', cardinality: 500 },
    ];
    const spectra = [
      { field: 0, firstId: 0, energies: [3, 2, 1] },
      { field: 1, firstId: 0, energies: [8, 7, 6, 5, 4, 3, 2, 1] },
    ];
    const { blocks, baseDim } = allocate(fields, { ...request, spectra, budget: 5000 });
    expect(blocks.map(({ dim }) => dim)).toEqual([8, 8]);
    expect(baseDim).toBe(8);
  });

  test('until spectra are measured the rule of popularity stands in, and those of other blocks are refused', () => {
    const fields = [
      { name: 'a', cardinality: 10 },
      { name: 'b', cardinality: 1000 },
    ];
    const rule = allocate(fields, { ...request, allocation: 'popularity', budget: 3000 });
    expect(allocate(fields, { ...request, budget: 3000 })).toEqual(rule);
    const spectra = [{ field: 0, firstId: 0, energies: [1] }];
    expect(() => allocate(fields, { ...request, spectra, budget: 3000 })).toThrow(AllocationError);
  });

  test('fields with methods of their own are left out of it', () => {
    const fields = [10, 200, 300].map((cardinality, i) => ({ name: `f${i}`, cardinality }));
    const spectra = [0, 1, 2].map((field) => ({ field, firstId: 0, energies: [5 + field, 4, 3, 2] }));
    const { blocks, fields: storages } = allocate(fields, {
      ...request,
      spectra,
      budget: 1200,
      fieldMethods: 'f1=hashing',
    });
    expect(storages.map(({ kind }) => kind)).toEqual(['blocks', 'partitions', 'blocks']);
    expect(blocks.filter(({ field }) => field !== 1).every(({ dim }) => dim <= 4)).toBe(true);
  });
});
