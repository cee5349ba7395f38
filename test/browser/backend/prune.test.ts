import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import {
  adagrad,
  amsgrad,
  buildProgram,
  dataTensors,
  fillData,
  storagesSpec,
} from '../../support/tinyModel.ts';
import { relativeError, sameBits } from './support.ts';

const STEPS = 50;
/** Elements left after every tenth step; the table has 55. */
const kept = [50, 40, 30, 22, 20];

/** Losses of a run that is pruned on the way, and the pruned table at its end. */
async function trainAndPrune(backend: Backend, spec: ModelSpec) {
  const program = buildProgram(spec);
  const data = backend.createData(dataTensors(program));
  const slots = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 5);
  const values = program.tensors.find(({ name }) => name === 'embedding.sparse')!;
  const nonZeros: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const changes = { learningRate: 0.02, step, metricSlot: step - 1 };
    execution.run('train', [{ ...slots[step % slots.length], ...changes }]);
    if (step % 10 > 0) continue;
    execution.run('prune', [{ ...slots[0], keep: kept[step / 10 - 1] }]);
    nonZeros.push((await execution.read(values)).filter((value) => value !== 0).length);
  }
  const losses = await execution.read(program.losses, 0, STEPS);
  const table = await execution.read(values);
  execution.destroy();
  data.destroy();
  return { losses, table, nonZeros };
}

describe('pruning on WebGPU', () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => backend?.destroy());

  test.each([
    ['AMSGrad', amsgrad],
    ['Adagrad', adagrad],
  ])('%s: a pruned run agrees with the CPU, and twice bit for bit', async (_, optimizer) => {
    const spec = storagesSpec({ optimizer });
    const expected = await trainAndPrune(createCpuBackend({ simd: false }), spec);
    const actual = await trainAndPrune(backend, spec);
    expect(actual.nonZeros).toEqual(kept);
    expect(expected.nonZeros).toEqual(kept);
    expect(relativeError(actual.losses, expected.losses)).toBeLessThan(1e-3);
    expect(relativeError(actual.table, expected.table)).toBeLessThan(1e-3);
    const again = await trainAndPrune(backend, spec);
    expect(sameBits(actual.losses, again.losses)).toBe(true);
    expect(sameBits(actual.table, again.table)).toBe(true);
  });
});
