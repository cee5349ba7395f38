import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, reachableRange } from '../../../src/compression/allocate.ts';
import type { Allocation, FieldStatistics } from '../../../src/compression/allocation.ts';
import { BudgetTooSmallError } from '../../../src/compression/errors.ts';
import type { AllocationRequest, DimLimits } from '../../../src/compression/method.ts';
import { popularityBlocks } from '../../../src/compression/popularityBlocks.ts';
import { largestDim, storedDim } from '../../../src/compression/rounding.ts';
import { popularityOf, totalsOf } from '../../../src/compression/totals.ts';
import { alpha, countedFields, limits, limitsRecord, popularity, wideFields } from './arbitraries.ts';
import { criteoFields } from './criteoFields.ts';

type Common = Omit<AllocationRequest, 'budget' | 'baseDim' | 'rule'>;

const common = (maxDim: number): fc.Arbitrary<Common> =>
  fc.record({
    ...limitsRecord(maxDim),
    alpha,
    popularity,
    method: fc.constantFrom('uniform', 'mixed-dimension'),
    blocks: fc.constant(1),
  });

/** A place between the smallest and 1.2 times the largest total, on a log scale. */
const share = fc.double({ min: 0, max: 1.02, noNaN: true });

function budgetAt(fields: readonly FieldStatistics[], request: Common, place: number): number {
  const { min, max } = reachableRange(fields, request);
  return Math.ceil(min * (Math.max(max, 1.01 * min) / min) ** place);
}

const everyDimAtCap = ({ blocks }: Allocation, request: DimLimits) =>
  blocks.every(({ dim }) => dim === largestDim(request));

/** What the allocation really stores, counted again from its blocks. */
function recount({ blocks }: Allocation): number {
  const baseDim = Math.max(...blocks.map(({ dim }) => dim));
  return blocks.reduce((sum, { rows, dim }) => sum + rows * dim + (dim < baseDim ? dim * baseDim : 0), 0);
}

describe('a budget', () => {
  it('is never exceeded, and is met to 99 % where dims are real, for rows over seven orders of magnitude', () => {
    fc.assert(
      fc.property(wideFields, common(2048), share, (fields, request, place) => {
        const budget = budgetAt(fields, request, place);
        const allocation = allocate(fields, { ...request, budget });
        expect(allocation.parameters).toBeLessThanOrEqual(budget);
        expect(recount(allocation) / allocation.parameters).toBeCloseTo(1, 12);
        if (request.rounding === 'none' && !everyDimAtCap(allocation, request)) {
          expect(allocation.parameters).toBeGreaterThanOrEqual(0.99 * budget);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is never exceeded, for any number of popularity blocks', () => {
    const blocks = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(countedFields(6, 200), common(256), blocks, share, (fields, one, k, place) => {
        const request = { ...one, blocks: k };
        const budget = budgetAt(fields, request, place);
        const allocation = allocate(fields, { ...request, budget });
        expect(allocation.parameters).toBeLessThanOrEqual(budget);
        if (request.rounding === 'none' && !everyDimAtCap(allocation, request)) {
          expect(allocation.parameters).toBeGreaterThanOrEqual(0.99 * budget);
        }
        for (const { dim } of allocation.blocks) {
          expect(dim).toBeGreaterThanOrEqual(1);
          expect(dim).toBeLessThanOrEqual(request.maxDim);
          if (request.rounding !== 'none') expect(dim).toBe(storedDim(dim, request));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is spent as well as the best D spends it, found by trying all of them', () => {
    const blocks = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(countedFields(4, 30), common(24), blocks, share, (fields, limited, k, place) => {
        const request: Common = { ...limited, blocks: k, method: 'mixed-dimension' };
        const budget = budgetAt(fields, request, place);
        const allocation = allocate(fields, { ...request, budget });
        if (everyDimAtCap(allocation, request)) return;
        const best = bestOfEveryBaseDim(fields, request, budget);
        if (request.rounding === 'none') {
          expect(allocation.parameters).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        } else expect(allocation.parameters).toBe(best);
      }),
      { numRuns: 300 },
    );
  });

  it('never gives a less popular block the larger dim', () => {
    fc.assert(
      fc.property(countedFields(5, 60), common(64), share, (fields, one, place) => {
        const request = { ...one, blocks: 4 };
        const budget = budgetAt(fields, request, place);
        const { blocks } = allocate(fields, { ...request, budget });
        const ordered = blocks.toSorted((a, b) => a.popularity - b.popularity);
        for (const [i, { dim }] of ordered.entries()) {
          if (i > 0) expect(dim).toBeGreaterThanOrEqual(ordered[i - 1].dim);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('at α = 0 gives what uniform gives', () => {
    fc.assert(
      fc.property(countedFields(6, 100), limits(512), share, (fields, dimLimits, place) => {
        const request: Common = {
          ...dimLimits,
          method: 'mixed-dimension',
          alpha: 0,
          popularity: 'rows',
          blocks: 3,
        };
        const budget = budgetAt(fields, request, place);
        const mixed = allocate(fields, { ...request, budget });
        const uniform = allocate(fields, { ...request, budget, method: 'uniform' });
        expect(mixed.projectionParameters).toBe(0);
        expect(mixed.baseDim).toBeCloseTo(uniform.baseDim, 5);
        if (request.rounding !== 'none') expect(mixed.parameters).toBe(uniform.parameters);
      }),
      { numRuns: 200 },
    );
  });

  it('below one parameter a row is refused with the smallest that works', () => {
    const request = { ...mixed(0.3), budget: 33_762_576 };
    const attempt = () => allocate(criteoFields, request);
    expect(attempt).toThrow(BudgetTooSmallError);
    expect(attempt).toThrow(expect.objectContaining({ smallest: 33_762_577 }));
    const smallest = allocate(criteoFields, { ...request, budget: 33_762_577 });
    expect(smallest.parameters).toBe(33_762_577);
    expect(smallest.baseDim).toBe(1);
  });

  it('of 67.5 M on Criteo lets D grow with α as the paper needs: about 30, 136, 613', () => {
    const baseDims = [0.2, 0.3, 0.4].map((a) => {
      const allocation = allocate(criteoFields, { ...mixed(a), budget: 67_500_000 });
      expect(allocation.parameters).toBeLessThanOrEqual(67_500_000);
      return allocation.baseDim;
    });
    expect(baseDims).toEqual([30, 136, 613]);
  });

  it('by DLRM’s own rule overshoots on Criteo', () => {
    const request = { ...mixed(0.3), rounding: 'power-of-two', budget: 67_500_000 } as const;
    expect(allocate(criteoFields, { ...request, rule: 'dlrm' }).parameters).toBeGreaterThan(67_500_000);
    expect(allocate(criteoFields, request).parameters).toBeLessThanOrEqual(67_500_000);
  });
});

function mixed(a: number): Common {
  const limit = { rounding: 'integer', maxDim: 1024 } as const;
  return { method: 'mixed-dimension', alpha: a, blocks: 1, popularity: 'rows', ...limit };
}

/** The largest total ≤ budget over one D between every two neighbouring halves of any D·ratio, and on each. */
function bestOfEveryBaseDim(fields: readonly FieldStatistics[], request: Common, budget: number): number {
  const blocks = popularityBlocks(fields, request.blocks);
  const popularities = blocks.map((block) => popularityOf(block, request));
  const largest = Math.max(...popularities);
  const ratios = popularities.map((p) => (p / largest) ** request.alpha);
  const halves = new Set<number>([1]);
  for (const ratio of ratios) {
    for (let whole = 1; whole <= request.maxDim; whole++) halves.add((whole + 0.5) / ratio);
  }
  const sorted = [...halves].toSorted((a, b) => a - b);
  const between = sorted.map((half, i) => (half + (sorted[i + 1] ?? half + 1)) / 2);
  const totals = [...sorted, ...between].map((base) => {
    const dims = ratios.map((ratio) => storedDim(base * ratio, request));
    return totalsOf(blocks, dims).parameters;
  });
  return Math.max(...totals.filter((total) => total <= budget));
}
