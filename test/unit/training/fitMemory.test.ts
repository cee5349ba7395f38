import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { fitMemory } from '../../../src/training/fitMemory.ts';
import { TrainingError } from '../../../src/training/errors.ts';
import { expectWithinLimit, limitedRuns, type Outcome } from '../../support/memoryLimits.ts';

describe('fitting into a limit', () => {
  const measure = ({ batch }: { readonly batch: number }): number => 1000 + 10 * batch;

  test('keeps what was asked where it fits', () => {
    expect(fitMemory(6120, { batch: 512 }, measure)).toEqual({ batch: 512 });
  });

  test('halves the batch until it fits', () => {
    expect(fitMemory(6119, { batch: 512 }, measure)).toEqual({ batch: 256 });
    expect(fitMemory(1320, { batch: 500 }, measure)).toEqual({ batch: 31 });
  });

  test('says the smallest limit there is, of all choices', () => {
    // Small batches need more slots for what is counted per batch.
    const bent = ({ batch }: { readonly batch: number }): number => 1e6 + Math.abs(batch - 64);
    expect(() => fitMemory(1000, { batch: 512 }, bent)).toThrow(
      'the least it takes is 1 MB, with a batch of 64',
    );
    const odd = (): number => 1_234_567;
    expect(() => fitMemory(1000, { batch: 512 }, odd)).toThrow('1.235 MB');
    expect(() => fitMemory(1000, { batch: 512 }, odd)).toThrow(TrainingError);
  });
});

test('no run takes more than its limit on the CPU, or the least limit is told', async () => {
  const backend = createCpuBackend();
  const outcomes = new Map<Outcome, number>();
  await fc.assert(
    fc.asyncProperty(limitedRuns, async (run) => {
      const outcome = await expectWithinLimit(backend, run);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 60 },
  );
  // The limits are such that all of it happens.
  expect([...outcomes.keys()].toSorted()).toEqual(['as asked', 'changed', 'refused']);
});
