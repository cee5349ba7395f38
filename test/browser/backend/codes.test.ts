import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { readCode, recordWords } from '../../../src/program/tensor.ts';
import { updateCodesCases } from './codeCases.ts';
import { OpBench, relativeError, runOnCpu, runSteps, sameBits } from './support.ts';

const benches: readonly (readonly [batch: number, cardinalities: readonly number[]])[] = [
  [1, [4]],
  [63, [3, 17, 70, 5]],
  [65, [2, 31, 11, 8, 5]],
  [300, [2, 50, 9]],
];

describe('rows of codes on WebGPU', () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => backend?.destroy());

  test('move as on the CPU, but for codes within rounding of the other side; twice the same bits', async () => {
    let codes = 0;
    let flipped = 0;
    for (const [batch, cardinalities] of benches) {
      for (const makeOp of updateCodesCases) {
        const bench = new OpBench(
          batch,
          cardinalities,
          cardinalities.map(() => [4]),
        );
        const op = makeOp(bench);
        const program = bench.program(op);
        const [expected] = await runOnCpu(bench, program);
        const [actual] = await runSteps(backend, bench, program);
        const [again] = await runSteps(backend, bench, program);
        const [cpu, gpu] = [expected, actual].map((state) => state.get('records') as Uint32Array);
        const { dim } = op.layout.blocks[0];
        const stride = recordWords(dim, op.bits);
        const [cpuScales, gpuScales] = [cpu, gpu].map(({ buffer, byteOffset, length }) => {
          return new Float32Array(buffer, byteOffset, length);
        });
        for (let record = 0; record < cpu.length; record += stride) {
          // What rounds to the other side turns one term of the scale's gradient round.
          const difference = Math.abs(gpuScales[record] / cpuScales[record] - 1);
          if (difference > 1e-5) flipped++;
          expect(difference).toBeLessThan(0.05);
          for (let j = 0; j < dim; j++) {
            const [a, b] = [cpu, gpu].map((words) => readCode(words, record, j, op.bits));
            codes++;
            if (a !== b) flipped++;
            expect(Math.abs(a - b)).toBeLessThanOrEqual(1);
          }
        }
        for (const { name } of op.state)
          expect(relativeError(actual.get(name)!, expected.get(name)!), name).toBeLessThan(1e-4);
        for (const [name, values] of actual) expect(sameBits(values, again.get(name)!), name).toBe(true);
      }
    }
    expect(codes).toBeGreaterThan(10_000);
    expect(flipped / codes).toBeLessThan(1e-3);
  });
});
