import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { expectWithinLimit, limitedRuns } from '../../support/memoryLimits.ts';

test('no run takes more than its limit on the GPU, or the least limit is told', async () => {
  const backend = await createWebGpuBackend(navigator.gpu);
  const before = backend.liveBuffers;
  await fc.assert(
    fc.asyncProperty(limitedRuns, async (run) => {
      await expectWithinLimit(backend, run);
    }),
    { numRuns: 3 },
  );
  // What reads go through stays with the backend, and no more.
  expect(backend.liveBuffers.sizeBytes - before.sizeBytes).toBeLessThan(2 ** 20);
  backend.destroy();
});
