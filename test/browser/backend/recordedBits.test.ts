import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { bitsOf, lossesOf, recordedRuns } from '../../support/recordedRuns.ts';

let gpu: Backend;
beforeAll(async () => {
  gpu = await createWebGpuBackend(navigator.gpu);
});
afterAll(() => gpu?.destroy());

// Recorded on SwiftShader. Where numbers change on purpose: npm test -- recordedBits -u
test.each(Object.keys(recordedRuns))(
  '%s: the losses on WebGPU are those that were recorded',
  async (name) => {
    expect(bitsOf(await lossesOf(name, gpu))).toMatchSnapshot();
  },
);
