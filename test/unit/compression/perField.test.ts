import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../../src/compression/allocate.ts';
import { AllocationError, BudgetTooSmallError } from '../../../src/compression/errors.ts';
import { methods } from '../../../src/compression/methods.ts';
import { buildModel } from '../../../src/model/model.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import { writeFieldMethods } from '../../../src/settings/parseSetting.ts';
import type { MethodId } from '../../../src/settings/settings.ts';
import { dlrmSpec } from '../../support/tinyModel.ts';
import { countedFields } from './arbitraries.ts';

const ids = Object.keys(methods) as MethodId[];
const usual = { alpha: 0.3, blocks: 1, popularity: 'rows', rounding: 'integer', maxDim: 32 } as const;
const fields = [
  { name: 'a', cardinality: 100 },
  { name: 'b,=', cardinality: 1000 },
  { name: 'c', cardinality: 500 },
];

describe('a method of its own for a field', () => {
  const choices = fc.array(
    fc.constantFrom(...ids.filter((id) => methods[id].hyperparameters.includes('vectorDim'))),
    {
      minLength: 4,
      maxLength: 4,
    },
  );

  it('never makes the whole store more than the budget, whatever is mixed', () => {
    let allocated = 0;
    fc.assert(
      fc.property(
        countedFields(5, 80),
        fc.constantFrom(...ids),
        choices,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 200, max: 6000 }),
        (own, method, chosen, some, budget) => {
          const named = own.slice(0, some).map((field, i) => [field.name, chosen[i]] as const);
          const fieldMethods = writeFieldMethods(new Map(named));
          try {
            const allocation = allocate(own, { ...usual, method, budget, fieldMethods, vectorDim: 8 });
            expect(allocation.parameters).toBeLessThanOrEqual(budget);
            expect(allocation.fields.every(Boolean)).toBe(true);
            const rows = own.map((_, f) =>
              allocation.blocks.reduce((sum, block) => sum + (block.field === f ? block.rows : 0), 0),
            );
            expect(rows).toEqual(own.map((field) => field.cardinality));
            allocated++;
          } catch (error) {
            if (!(error instanceof BudgetTooSmallError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(allocated).toBeGreaterThan(100);
  });

  it('stores in memory what it claims', () => {
    const fieldMethods = writeFieldMethods(
      new Map([
        ['a', 'full'],
        ['b,=', 'hashed-net'],
      ]),
    );
    const request = { ...usual, method: 'low-rank', vectorDim: 8, budget: 6000, fieldMethods } as const;
    const allocation = allocate(fields, request);
    expect(allocation.fields.map(({ kind }) => kind)).toEqual(['blocks', 'shared', 'blocks']);
    expect(allocation.blocks[0].dim).toBe(allocation.baseDim);
    const cardinalities = fields.map((field) => field.cardinality);
    const { lines } = memoryLedger(buildModel(dlrmSpec({ cardinalities, allocation })));
    const own = lines.filter(({ role, layer }) => role === 'parameter' && layer === 'embedding');
    expect(own.reduce((sum, line) => sum + line.sizeBytes, 0)).toBe(4 * allocation.parameters);
  });

  it.each([
    ['nobody=full', /no field nobody/],
    ['a=uniform', /cannot be the method of a alone/],
    ['a', /does not say/],
  ])('refuses “%s”', (fieldMethods, message) => {
    const attempt = () => allocate(fields, { ...usual, method: 'hashing', budget: 9000, fieldMethods });
    expect(attempt).toThrow(AllocationError);
    expect(attempt).toThrow(message);
  });
});
