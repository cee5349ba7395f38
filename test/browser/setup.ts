import { beforeAll } from 'vitest';

/** A GPU test that finds no adapter fails: no suite of this project may pass by skipping. */
beforeAll(async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter)
    throw new Error(
      'No WebGPU adapter in the test browser. It needs Chrome or Chromium with SwiftShader: see test/chromium.mjs.',
    );
});
