import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { expectWithinLimit, limitedRuns, type Outcome } from '../../support/memoryLimits.ts';

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
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['as asked', 'refused']));
  expect(outcomes.size).toBeGreaterThan(2);
});
