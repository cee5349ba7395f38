import { expect, test } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import { createNodeGpu } from '../../../src/backend/webgpu/node.ts';

test('Node gets a GPU with an adapter, or is told which driver to install', async () => {
  const gpu = await createNodeGpu().catch((error: unknown) => error);
  if (gpu instanceof BackendError) {
    expect(gpu.failure).toBe('no-driver');
    expect(gpu.remedy).toMatch(/install mesa-vulkan-drivers/);
  } else {
    expect(await (gpu as GPU).requestAdapter()).not.toBeNull();
  }
});
