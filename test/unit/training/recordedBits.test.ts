import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { bitsOf, lossesOf, recordedRuns } from '../../support/recordedRuns.ts';

// The bits of 50 steps as they were recorded. Where numbers change on purpose: npm test -- recordedBits -u
test.each(Object.keys(recordedRuns))(
  '%s: the losses on the CPU are those that were recorded',
  async (name) => {
    expect(bitsOf(await lossesOf(name, createCpuBackend()))).toMatchSnapshot();
  },
);
