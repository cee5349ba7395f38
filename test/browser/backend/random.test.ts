import { expect, test } from 'vitest';
import { shaderText } from '../../../src/backend/webgpu/pipelines.ts';
import { pcg4d } from '../../../src/random/random.ts';

test('pcg4d gives the same bits on the GPU as in TypeScript', async () => {
  const draws = 4096;
  const seeds = Uint32Array.from({ length: 4 * draws }, (_, i) => Math.imul(i, 2654435761) ^ (i << 7));
  const expected = new Uint32Array(seeds.length);
  const words = new Uint32Array(4);
  for (let i = 0; i < seeds.length; i += 4) {
    pcg4d(seeds[i], seeds[i + 1], seeds[i + 2], seeds[i + 3], words);
    expected.set(words, i);
  }

  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const code = `${shaderText('random')}
    @group(0) @binding(0) var<storage, read_write> words: array<vec4u>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      words[id.x] = pcg4d(words[id.x]);
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: seeds.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
  const staging = device.createBuffer({ size: seeds.byteLength, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(buffer, 0, seeds);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(draws / 64);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, seeds.byteLength);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  expect(new Uint32Array(staging.getMappedRange())).toEqual(expected);
  device.destroy();
});
