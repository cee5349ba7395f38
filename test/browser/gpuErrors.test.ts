import { expect, test } from 'vitest';
import type { EngineReply, EngineRequest } from '../../src/worker/protocol.ts';
import { defaultSettings } from '../../src/settings/settings.ts';
import { tinyDataset } from '../unit/training/tinyDataset.ts';
import { takeGpuErrors } from './gpuErrors.ts';

test('a dispatch that the device refuses is seen, once, by the watch that fails every test', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const code = '@compute @workgroup_size(1) fn main() {}';
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.dispatchWorkgroups(device.limits.maxComputeWorkgroupsPerDimension + 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  // The submit of what is refused is an error of its own, which may come later.
  const errors: string[] = [];
  for (let fresh = await takeGpuErrors(); fresh.length > 0; fresh = await takeGpuErrors())
    errors.push(...fresh);
  expect(errors.filter((message) => /workgroup/i.test(message))).toHaveLength(1);
  device.destroy();
});

test('an error of a worker’s device is seen too', async () => {
  const worker = new Worker(new URL('./brokenEngine.ts', import.meta.url), { type: 'module' });
  const settings = { ...defaultSettings, budget: 300, batch: 48, epochs: 1, backend: 'webgpu' } as const;
  const failed = new Promise<EngineReply>((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<EngineReply>) => {
      if (data.type === 'failed') resolve(data);
    });
  });
  const requests: readonly EngineRequest[] = [
    { type: 'dataset', dataset: tinyDataset('click') },
    { type: 'run', note: '', runId: 'a', settings },
  ];
  for (const request of requests) worker.postMessage(request, []);
  expect(await failed).toMatchObject({ failure: { name: 'BackendError' } });
  await expect.poll(async () => (await takeGpuErrors()).join('\n')).toMatch(/workgroup/i);
  worker.terminate();
  await takeGpuErrors();
});
