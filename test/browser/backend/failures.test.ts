import { expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import type { Tensor } from '../../../src/program/tensor.ts';
import { buildProgram, dataTensors, dlrmSpec, fillData } from '../../support/tinyModel.ts';
import { takeGpuErrors } from '../gpuErrors.ts';

async function failureOf(promise: Promise<unknown>): Promise<BackendError> {
  const error: unknown = await promise.then(
    () => 'nothing was thrown',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BackendError);
  expect((error as BackendError).remedy).toMatch(/\w+.*\.$/s);
  return error as BackendError;
}

function dataTensor(name: string, elements: number): Tensor {
  const initial = { kind: 'zeros' } as const;
  return { name, shape: [elements], type: 'f32', role: 'data', layer: 'data', offset: 0, initial };
}

/** A GPU whose adapter hands its device to `onDevice` first. */
function spiedGpu(onDevice: (device: GPUDevice) => void): GPU {
  return {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await navigator.gpu.requestAdapter(options);
      const requestDevice = adapter!.requestDevice.bind(adapter);
      vi.spyOn(adapter!, 'requestDevice').mockImplementation(async (descriptor) => {
        const device = await requestDevice(descriptor);
        onDevice(device);
        return device;
      });
      return adapter;
    },
  } as GPU;
}

test('a browser without WebGPU says so', async () => {
  expect((await failureOf(createWebGpuBackend(undefined))).failure).toBe('no-api');
});

test('a browser without an adapter says so', async () => {
  const gpu = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  expect((await failureOf(createWebGpuBackend(gpu))).failure).toBe('no-adapter');
});

test('a tensor beyond the limits is refused with its name and size, and leaves nothing behind', async () => {
  const backend = await createWebGpuBackend(navigator.gpu);
  const elements = backend.maxTensorBytes / 4 + 1;
  const make = async () => backend.createData([dataTensor('small', 4), dataTensor('huge table', elements)]);
  const error = await failureOf(make());
  expect(error.failure).toBe('limit');
  expect(error.message).toMatch(/huge table needs [\d,]+ MiB/);
  expect(backend.liveBuffers.count).toBe(0);
  backend.destroy();
});

test('a device without memory rejects the execution that needed it, and lives on', async () => {
  let device: GPUDevice | undefined;
  const backend = await createWebGpuBackend(spiedGpu((made) => (device = made)));
  const spec = dlrmSpec();
  const program = buildProgram(spec);
  const data = backend.createData(dataTensors(program));
  fillData(program, data, spec);
  const live = backend.liveBuffers;
  // The device reports out-of-memory itself for a buffer that no machine has room for.
  const create = device!.createBuffer.bind(device);
  const spy = vi.spyOn(device!, 'createBuffer').mockImplementation((descriptor) => {
    const tables = descriptor.label?.includes('embedding.tables');
    return create(
      tables ? { ...descriptor, size: backend.maxTensorBytes, mappedAtCreation: false } : descriptor,
    );
  });
  const greedy: Tensor[] = Array.from({ length: 200 }, (_, i) => ({
    ...dataTensor(`embedding.tables ${i}`, 4),
    role: 'optimizer-state',
  }));
  const error = await failureOf(
    backend.prepare({ ...program, tensors: [...program.tensors, ...greedy] }, data, 1),
  );
  expect(error.failure).toBe('out-of-memory');
  expect(backend.liveBuffers).toEqual(live);
  spy.mockRestore();
  const execution = await backend.prepare(program, data, 1);
  await execution.finished();
  backend.destroy();
});

test('a lost device settles `lost` and rejects what waits for it', async () => {
  let device: GPUDevice | undefined;
  const backend = await createWebGpuBackend(spiedGpu((made) => (device = made)));
  const spec = dlrmSpec();
  const program = buildProgram(spec);
  const data = backend.createData(dataTensors(program));
  const [step] = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 1);
  device!.destroy();
  expect((await backend.lost).failure).toBe('lost');
  execution.run('train', [step]);
  expect((await failureOf(execution.read(program.losses, 0, 1))).failure).toBe('lost');
  expect((await failureOf(execution.finished())).failure).toBe('lost');
  expect((await failureOf(backend.prepare(program, data, 1))).failure).toBe('lost');
});

test('a command that the device refuses is not silent', async () => {
  let device: GPUDevice | undefined;
  const backend = await createWebGpuBackend(spiedGpu((made) => (device = made)));
  const spec = dlrmSpec();
  const program = buildProgram(spec);
  const data = backend.createData(dataTensors(program));
  const [step] = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 1);
  data.destroy(); // its buffers are still bound
  execution.run('train', [step]);
  expect((await failureOf(execution.finished())).failure).toBe('validation');
  expect((await failureOf(execution.read(program.losses, 0, 1))).failure).toBe('validation');
  expect(device).toBeDefined();
  expect(await takeGpuErrors()).not.toEqual([]);
  backend.destroy();
});

test('destroying the backend is not a loss', async () => {
  let device: GPUDevice | undefined;
  const backend = await createWebGpuBackend(spiedGpu((made) => (device = made)));
  let isLost = false;
  void backend.lost.then(() => (isLost = true));
  backend.destroy();
  expect((await device!.lost).reason).toBe('destroyed');
  // A task later all that hears of it has heard.
  await new Promise((resolve) => setTimeout(resolve));
  expect(isLost).toBe(false);
});
