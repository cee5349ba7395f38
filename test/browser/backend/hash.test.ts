import { expect, test } from 'vitest';
import { shaderText } from '../../../src/backend/webgpu/pipelines.ts';
import { hash4 } from '../../../src/random/hash.ts';

test('hash4 gives the same bits on the GPU as in TypeScript', async () => {
  const keys = 16_384;
  const extremes = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
  const words = Uint32Array.from({ length: 4 * keys }, (_, i) =>
    i < 4 * extremes.length ** 4
      ? extremes[Math.floor((i >>> 2) / extremes.length ** (i & 3)) % extremes.length]
      : Math.imul(i, 2654435761) ^ (i << 7),
  );
  const expected = Uint32Array.from({ length: keys }, (_, i) =>
    hash4(words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]),
  );

  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const code = `${shaderText('hash')}
    @group(0) @binding(0) var<storage, read> keys: array<vec4u>;
    @group(0) @binding(1) var<storage, read_write> hashes: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      let key = keys[id.x];
      hashes[id.x] = hash4(key.x, key.y, key.z, key.w);
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = expected.byteLength;
  const input = device.createBuffer({ size: words.byteLength, usage: STORAGE | COPY_DST });
  const output = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(input, 0, words);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(keys / 64);
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  expect(new Uint32Array(staging.getMappedRange())).toEqual(expected);
  device.destroy();
});
