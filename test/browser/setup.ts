import { afterAll, afterEach, beforeAll } from 'vitest';
import { takeGpuErrors, watchWorkers } from './gpuErrors.ts';

watchWorkers();

/** A GPU test that finds no adapter fails: no suite of this project may pass by skipping. */
beforeAll(async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter)
    throw new Error(
      'No WebGPU adapter in the test browser. It needs Chrome or Chromium with SwiftShader: see test/chromium.mjs.',
    );
});

/** A command that the device refused is dropped in silence: every test that leaves one behind fails. */
async function refuseGpuErrors(): Promise<void> {
  const errors = await takeGpuErrors();
  if (errors.length > 0) throw new Error(`Uncaptured GPU errors:\n${errors.join('\n')}`);
}
afterEach(refuseGpuErrors);
afterAll(refuseGpuErrors);
