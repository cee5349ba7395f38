import * as fc from 'fast-check';
import type { FieldStatistics } from '../../../src/compression/allocation.ts';
import type { DimLimits, AllocationRequest } from '../../../src/compression/method.ts';

/** Lookups by popularity rank: sorted, sometimes with a tail of rows never looked up. */
const counts = (maxRows: number) =>
  fc
    .array(fc.oneof(fc.nat(5), fc.nat(1000), fc.nat(2 ** 31)), { minLength: 1, maxLength: maxRows })
    .map((values) => Uint32Array.from(values).toSorted().toReversed());

export const countedFields = (maxFields: number, maxRows: number): fc.Arbitrary<readonly FieldStatistics[]> =>
  fc
    .array(counts(maxRows), { minLength: 1, maxLength: maxFields })
    .map((all) => all.map((c, i) => ({ name: `f${i}`, cardinality: c.length, counts: c })));

/** Rows over many orders of magnitude; lookup counts unknown. */
export const wideFields: fc.Arbitrary<readonly FieldStatistics[]> = fc
  .array(
    fc.double({ min: 0, max: 17, noNaN: true }).map((x) => Math.floor(Math.exp(x))),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) => all.map((cardinality, i) => ({ name: `f${i}`, cardinality })));

export const limitsRecord = (maxDim: number) => ({
  rounding: fc.constantFrom<DimLimits['rounding']>('none', 'integer', 'power-of-two'),
  maxDim: fc.integer({ min: 1, max: maxDim }),
});

export const limits = (maxDim: number): fc.Arbitrary<DimLimits> => fc.record(limitsRecord(maxDim));

export const alpha = fc.oneof(
  fc.constantFrom(0, 0.5, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 0.02, noNaN: true }),
);

export const popularity = fc.constantFrom<AllocationRequest['popularity']>('rows', 'empirical');
