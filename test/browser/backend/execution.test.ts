import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { RING_STEPS } from '../../../src/backend/webgpu/stepRing.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import {
  computedFactorizationSpec,
  computedSpec,
  decodedFactorizationSpec,
  decodedSpec,
} from '../../support/computedModel.ts';
import {
  adagrad,
  adam,
  allocationOf,
  amsgrad,
  buildProgram,
  dataTensors,
  dlrmSpec,
  factorizationSpec,
  sharingFactorizationSpec,
  storagesSpec,
} from '../../support/tinyModel.ts';
import { trainAndEvaluate } from '../../support/trainAndEvaluate.ts';
import { prepare } from './prepare.ts';
import { relativeError, sameBits, snapshot } from './support.ts';

describe('executions on WebGPU', () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => backend?.destroy());

  const models: readonly [string, ModelSpec][] = [
    ['DLRM with mixed dims, AMSGrad', dlrmSpec({ optimizer: amsgrad })],
    ['DLRM, a field of every storage, AMSGrad', storagesSpec({ optimizer: amsgrad })],
    ['DLRM, a field of every storage, Adagrad', storagesSpec({ optimizer: adagrad })],
    ['DLRM, computed vectors, AMSGrad', computedSpec({ optimizer: amsgrad })],
    ['matrix factorisation, computed vectors, Adagrad', computedFactorizationSpec({ optimizer: adagrad })],
    ['DLRM, decoded hashes alone, Adam', decodedSpec({ optimizer: adam })],
    ['matrix factorisation, decoded hashes, AMSGrad', decodedFactorizationSpec({ optimizer: amsgrad })],
    ['matrix factorisation, shared rows, Adam', sharingFactorizationSpec({ optimizer: adam })],
    [
      'DLRM with uniform dims, no numbers',
      dlrmSpec({ numericColumns: 0, allocation: uniform([3, 17, 70, 5], 4) }),
    ],
    ['matrix factorisation, Adam', factorizationSpec({ optimizer: adam })],
  ];

  test.each(models)('%s: 200 losses agree with the CPU, and twice bit for bit', async (_, spec) => {
    const losses = async (on: Backend) => {
      const run = await prepare(on, spec);
      run.execution.run('train', run.steps(200));
      const values = await run.execution.read(run.program.losses, 0, 200);
      run.destroy();
      return values;
    };
    const expected = await losses(createCpuBackend({ simd: false }));
    const actual = await losses(backend);
    expect(expected[199]).toBeLessThan(expected[0]);
    expect(relativeError(actual, expected)).toBeLessThan(1e-3);
    expect(sameBits(actual, await losses(backend))).toBe(true);
  });

  test('a run longer than the ring of steps is the same as many short ones', async () => {
    const total = 2 * RING_STEPS + 3;
    const long = await prepare(backend, dlrmSpec());
    long.execution.run('train', long.steps(total));
    const short = await prepare(backend, dlrmSpec());
    for (let done = 0; done < total; done += 100)
      short.execution.run('train', short.steps(Math.min(100, total - done), done + 1));
    const [a, b] = await Promise.all(
      [long, short].map(({ execution, program }) => execution.read(program.losses)),
    );
    expect(a[total - 1]).toBeGreaterThan(0);
    expect(sameBits(a, b)).toBe(true);
    long.destroy();
    short.destroy();
  });

  test('evaluation records its predictions as the CPU does and leaves the parameters alone', async () => {
    const spec = dlrmSpec();
    const results = [];
    for (const on of [createCpuBackend({ simd: false }), backend]) {
      const run = await prepare(on, spec);
      const tables = run.program.tensors.find(({ name }) => name === 'embedding.tables')!;
      const before = await run.execution.read(tables);
      run.execution.run(
        'evaluate',
        run.steps(2).map((step) => Object.assign(step, { segments: 0, longSegments: 0 })),
      );
      results.push(await snapshot(run.program, run.execution));
      expect(sameBits(before, await run.execution.read(tables))).toBe(true);
      run.destroy();
    }
    const [cpu, gpu] = results;
    const [expected, actual] = [cpu, gpu].map((state) => state.get('evaluation.predictions')!);
    expect(expected.every((prediction) => prediction !== 0)).toBe(true);
    expect(relativeError(actual, expected)).toBeLessThan(1e-5);
  });

  test('saving and restoring brings back every parameter', async () => {
    const run = await prepare(backend, dlrmSpec());
    const { execution, program } = run;
    execution.run('train', run.steps(3));
    const kept = await snapshot(program, execution);
    expect(execution.allocatedBytes.checkpoint).toBe(0);
    await execution.save();
    execution.run('train', run.steps(5));
    expect(sameBits((await snapshot(program, execution)).get('dense')!, kept.get('dense')!)).toBe(false);
    await execution.restore();
    const restored = await snapshot(program, execution);
    for (const { name, role, base } of program.tensors)
      if (role === 'parameter' && !base)
        expect(sameBits(restored.get(name)!, kept.get(name)!), name).toBe(true);
    expect(execution.allocatedBytes.checkpoint).toBe(execution.allocatedBytes.parameter);
    await execution.finished();
    run.destroy();
  });

  test('reads and writes parts of tensors, of views and of constants', async () => {
    const run = await prepare(backend, dlrmSpec());
    const { execution, program } = run;
    const view = program.tensors.find(({ base, role }) => base && role === 'parameter')!;
    const written = Float32Array.of(1.5, -2.5, 3.5);
    execution.write(view, written, 2);
    expect(await execution.read(view, 2, 3)).toEqual(written);
    expect(await execution.read(view.base!, view.offset + 2, 3)).toEqual(written);
    const constant = program.tensors.find(({ role }) => role === 'constant')!;
    const { initial } = constant;
    expect(initial.kind === 'values' && (await execution.read(constant))).toEqual(
      initial.kind === 'values' && initial.values,
    );
    run.destroy();
  });

  test.each(models)('%s: shared memory changes no bit and takes what the plan says', async (_, spec) => {
    const apart = await createWebGpuBackend(navigator.gpu, { shareMemory: false });
    const expected = await trainAndEvaluate(apart, spec);
    apart.destroy();
    const actual = await trainAndEvaluate(backend, spec);
    expect(actual.state).toEqual(expected.state);
    const total = (bytes: typeof actual.bytes) => Object.values(bytes).reduce((sum, each) => sum + each, 0);
    const { askedBytes, peakBytes } = memoryLedger(buildProgram(spec));
    expect(total(expected.bytes) - total(actual.bytes)).toBe(askedBytes - peakBytes);
    expect(actual.bytes.shared).toBeGreaterThan(0);
    expect(expected.bytes.shared).toBe(0);
  });

  test('every buffer is freed, and allocated bytes are those of the live buffers', async () => {
    // Staging buffers are kept from here on.
    const first = await prepare(backend, dlrmSpec({ optimizer: amsgrad }));
    await snapshot(first.program, first.execution);
    first.destroy();
    const before = backend.liveBuffers;

    const run = await prepare(backend, dlrmSpec({ optimizer: amsgrad }));
    run.execution.run('train', run.steps(4));
    await snapshot(run.program, run.execution);
    await run.execution.save();
    await run.execution.finished();
    const bytes = Object.values(run.execution.allocatedBytes).reduce((a, b) => a + b, 0);
    expect(backend.liveBuffers.sizeBytes - before.sizeBytes).toBe(bytes);
    run.destroy();
    expect(backend.liveBuffers).toEqual(before);
  });

  test('the dispatches of a step do not grow with fields, and other dims reuse all pipelines', async () => {
    const dispatches = [];
    for (const fields of [4, 26, 100]) {
      const cardinalities = Array.from({ length: fields }, (_, i) => 3 + i);
      const dims = cardinalities.map((_, i) => [5, 1 + (i % 5)]);
      const spec = dlrmSpec({ cardinalities, allocation: allocationOf(cardinalities, dims) });
      const program = buildProgram(spec);
      const data = backend.createData(dataTensors(program));
      const execution = await backend.prepare(program, data, 1);
      dispatches.push(execution.dispatchesPerStep('train'));
      execution.destroy();
      data.destroy();
    }
    expect(new Set(dispatches).size).toBe(1);

    const pipelines = backend.pipelineCount;
    const moved = allocationOf([3, 17, 70, 5], [[5], [4, 1], [5, 3, 1], [5]]);
    const run = await prepare(backend, dlrmSpec({ allocation: moved }));
    expect(backend.pipelineCount).toBe(pipelines);
    run.destroy();
  });

  test('a diverged run reads back as a loss that is not a number', async () => {
    const run = await prepare(backend, dlrmSpec());
    run.execution.run(
      'train',
      run.steps(30).map((step) => Object.assign(step, { learningRate: 1e30 })),
    );
    const losses = await run.execution.read(run.program.losses, 0, 30);
    expect(Number.isFinite(losses[29])).toBe(false);
    run.destroy();
  });
});

function uniform(cardinalities: readonly number[], dim: number) {
  return allocationOf(
    cardinalities,
    cardinalities.map(() => [dim]),
  );
}
