import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, reachableRange } from '../../../src/compression/allocate.ts';
import type { Allocation } from '../../../src/compression/allocation.ts';
import { BudgetTooSmallError } from '../../../src/compression/errors.ts';
import type { AllocationRequest } from '../../../src/compression/method.ts';
import { methods } from '../../../src/compression/methods.ts';
import { buildModel } from '../../../src/model/model.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import { locate } from '../../../src/program/lookup.ts';
import type { MethodId } from '../../../src/settings/settings.ts';
import { dlrmSpec } from '../../support/tinyModel.ts';
import { countedFields } from './arbitraries.ts';
import { criteoFields } from './criteoFields.ts';

const ids = Object.keys(methods) as MethodId[];
/** Those that take an id apart so that no two ids share all parts. */
const complementary: readonly MethodId[] = ['quotient-remainder', 'mixed-radix', 'chinese-remainder'];

const usual = { alpha: 0.3, blocks: 1, popularity: 'rows', rounding: 'integer', maxDim: 64 } as const;
const hyperparameters = fc.record({
  vectorDim: fc.integer({ min: 1, max: 20 }),
  threshold: fc.constantFrom(0, 5, 50),
  combine: fc.constantFrom('multiply', 'add', 'concatenate'),
  partitions: fc.constantFrom(2, 3),
  chunk: fc.constantFrom(1, 4, 8, 16),
  hotShare: fc.constantFrom(null, 0, 0.3, 1),
});

function signaturesOf({ fields }: Allocation, cardinalities: readonly number[]): Uint32Array | undefined {
  const signed = cardinalities.filter((_, field) => fields[field].kind === 'similar');
  return signed.length > 0 ? new Uint32Array(2 * signed.reduce((a, b) => a + b)) : undefined;
}

function lookupsOf(allocation: Allocation, cardinalities: readonly number[]) {
  return buildModel(dlrmSpec({ cardinalities, allocation })).data.lookups;
}

describe.each(ids)('%s', (method) => {
  it('never stores more than the budget, and says what it needs when it cannot', () => {
    fc.assert(
      fc.property(countedFields(6, 60), hyperparameters, fc.nat(4000), (fields, chosen, budget) => {
        const request: AllocationRequest = { ...usual, ...chosen, method, budget };
        const range = reachableRange(fields, request);
        try {
          const { parameters, blocks, fields: storages } = allocate(fields, request);
          expect(parameters).toBeLessThanOrEqual(budget);
          expect(parameters).toBeLessThanOrEqual(range.max);
          expect(storages).toHaveLength(fields.length);
          expect(blocks.at(-1)!.field).toBe(fields.length - 1);
        } catch (error) {
          if (!(error instanceof BudgetTooSmallError)) throw error;
          expect(error.smallest).toBeGreaterThan(budget);
          expect(range.min).toBeGreaterThan(budget);
          // The smallest budget that it names is one that works.
          const { parameters } = allocate(fields, { ...request, budget: error.smallest });
          expect(parameters).toBeLessThanOrEqual(error.smallest);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('stores in memory exactly the parameters that it claims', () => {
    fc.assert(
      fc.property(
        countedFields(4, 40),
        hyperparameters,
        fc.integer({ min: 100, max: 3000 }),
        (fields, chosen, budget) => {
          const request: AllocationRequest = { ...usual, ...chosen, method, budget };
          fc.pre(reachableRange(fields, request).min <= budget);
          const allocation = allocate(fields, request);
          const cardinalities = fields.map((field) => field.cardinality);
          const signatures = signaturesOf(allocation, cardinalities);
          const { lines: ledger } = memoryLedger(
            buildModel(dlrmSpec({ cardinalities, allocation, signatures })),
          );
          const embedding = ledger.filter(({ role, layer }) => role === 'parameter' && layer === 'embedding');
          const { parameters, trainedParameters = parameters } = allocation;
          expect(embedding.reduce((sum, line) => sum + line.sizeBytes, 0)).toBe(4 * trainedParameters);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('complementary partitions', () => {
  const collisions = fc.double({ min: 1, max: 200, noNaN: true });
  const tuplesOf = (method: MethodId, rows: number, c: number, partitions: number): Set<string> => {
    const fields = [{ name: 'a', cardinality: rows }];
    const request = { ...usual, method, collisions: c, partitions, vectorDim: 2, budget: 1e9 };
    const lookups = lookupsOf(allocate(fields, request), [rows]);
    const tuples = Array.from({ length: rows }, (_, id) =>
      lookups.map((lookup) => locate(lookup, id)).join(),
    );
    return new Set(tuples);
  };

  it.each(complementary)('%s gives distinct ids distinct tuples of rows', (method) => {
    const rows = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(rows, collisions, fc.constantFrom(2, 3), (n, c, partitions) => {
        expect(tuplesOf(method, n, c, partitions).size).toBe(n);
      }),
      { numRuns: 60 },
    );
  });

  it('hashing does not', () => {
    expect(tuplesOf('hashing', 1000, 4, 2).size).toBe(250);
  });

  it.each([
    [4, 135_052_080],
    [60, 9_023_008],
  ])('quotient–remainder of Criteo at %i collisions stores %i parameters', (c, parameters) => {
    const request = { ...usual, method: 'quotient-remainder', collisions: c, budget: 1e9 } as const;
    expect(allocate(criteoFields, request).parameters).toBe(parameters);
  });
});

describe('parameters, by the formula of the method', () => {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const rows = fc.array(fc.integer({ min: 30, max: 5000 }), { minLength: 1, maxLength: 5 });
  const fieldsOf = (cardinalities: readonly number[]) =>
    cardinalities.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
  const check = (property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: 20 });
  const cases = [rows, fc.integer({ min: 2, max: 20 }), fc.integer({ min: 2, max: 5 })] as const;
  const total = (method: MethodId, n: readonly number[], changes: Partial<AllocationRequest>) =>
    allocate(fieldsOf(n), { ...usual, method, budget: 1e9, ...changes } as AllocationRequest);

  it('full: Σ n·D', () =>
    check(
      fc.property(cases[0], cases[1], (n, D) => {
        expect(total('full', n, { vectorDim: D }).parameters).toBe(sum(n) * D);
      }),
    ));

  it('hashing: Σ ⌈n/c⌉·D', () =>
    check(
      fc.property(...cases, (n, D, c) => {
        const { parameters } = total('hashing', n, { vectorDim: D, collisions: c });
        expect(parameters).toBe(sum(n.map((rows) => Math.ceil(rows / c))) * D);
      }),
    ));

  it('quotient–remainder: Σ (m + ⌈n/m⌉)·D, m = ⌈n/c⌉; concatenated: D shared out', () =>
    check(
      fc.property(...cases, (n, D, c) => {
        const tables = n.map((rows) => {
          const m = Math.ceil(rows / c);
          return [m, Math.ceil(rows / m)];
        });
        const stored = (first: number, second: number) =>
          sum(tables.map(([m, q], f) => Math.min(n[f] * D, m * first + q * second)));
        const request = { vectorDim: D, collisions: c };
        expect(total('quotient-remainder', n, { ...request, combine: 'add' }).parameters).toBe(stored(D, D));
        expect(total('quotient-remainder', n, { ...request, combine: 'concatenate' }).parameters).toBe(
          stored(Math.ceil(D / 2), Math.floor(D / 2)),
        );
      }),
    ));

  it.each(['mixed-radix', 'chinese-remainder'] as const)('%s: Σ mⱼ·D with Π mⱼ ≥ n', (method) =>
    check(
      fc.property(...cases, (n, D, c) => {
        const allocation = total(method, n, { vectorDim: D, collisions: c });
        const stored = allocation.fields.map((storage, f) => {
          if (storage.kind !== 'partitions') return n[f];
          const radices = storage.partitions.map((partition) => partition.rows);
          expect(radices.reduce((a, b) => a * b)).toBeGreaterThanOrEqual(n[f]);
          return sum(radices);
        });
        expect(allocation.parameters).toBe(sum(stored) * D);
      }),
    ),
  );

  it('low rank: Σ (n·d + d·D)', () =>
    check(
      fc.property(...cases, (n, D, d) => {
        const dim = Math.min(d, D - 1);
        const budget = sum(n) * dim + n.length * dim * D;
        const { parameters, blocks } = total('low-rank', n, { vectorDim: D, budget });
        expect(blocks[0].dim).toBe(dim);
        expect(parameters).toBe(budget);
      }),
    ));

  it('HashedNet and ROBE: m, and full tables for fields up to the threshold', () =>
    check(
      fc.property(cases[0], cases[1], (n, D) => {
        const kept = sum(n.filter((rows) => rows <= 1000)) * D;
        fc.pre(n.some((rows) => rows > 1000));
        const budget = kept + 500;
        for (const method of ['hashed-net', 'robe'] as const) {
          const allocation = total(method, n, { vectorDim: D, threshold: 1000, budget });
          expect(allocation.parameters).toBe(budget);
          expect(allocation.sharedElements).toBe(500);
        }
      }),
    ));

  it('LMA: m and 2 words a value; on paper m', () =>
    check(
      fc.property(cases[0], cases[1], (n, D) => {
        const budget = 2 * sum(n) + Math.min(50, sum(n) * (D - 2)) + D;
        fc.pre(budget <= sum(n) * D);
        const { parameters, paperParameters, sharedElements } = total('lma', n, { vectorDim: D, budget });
        expect(parameters).toBe(budget);
        expect(paperParameters).toBe(budget - 2 * sum(n));
        expect(sharedElements).toBe(paperParameters);
      }),
    ));

  it.each([
    ['int8', 8],
    ['int4', 4],
  ] as const)(
    '%s: Σ n·(1 + ⌈D·b/32⌉), full up to the threshold; on paper rows have no gaps',
    (method, bits) =>
      check(
        fc.property(...cases, (n, D, c) => {
          const threshold = 300 * c;
          const { parameters, paperParameters } = total(method, n, { vectorDim: D, threshold });
          const stored = (words: number) =>
            sum(n.map((rows) => (rows <= threshold ? rows * D : rows * (1 + words))));
          expect(parameters).toBe(stored(Math.ceil((D * bits) / 32)));
          expect(paperParameters).toBe(Math.ceil(stored((D * bits) / 32)));
        }),
      ),
  );

  it('frequency split: Σ (n_hot + n_cold)·D, and n words more on paper', () =>
    check(
      fc.property(...cases, (n, D, c) => {
        const budget = Math.floor((sum(n) * D) / c) + n.length * D;
        const { parameters, paperParameters, fields } = total('frequency-split', n, { vectorDim: D, budget });
        const split = fields.map((storage) => (storage.kind === 'split' ? storage.hot + storage.cold : null));
        expect(parameters).toBe(sum(split.map((stored, f) => stored ?? n[f])) * D);
        expect(paperParameters).toBe(parameters + sum(n.filter((_, f) => split[f] !== null)));
      }),
    ));
});
