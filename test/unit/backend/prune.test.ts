import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Backend } from '../../../src/backend/backend.ts';
import { allocate } from '../../../src/compression/allocate.ts';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import type { Optimizer } from '../../../src/program/operand.ts';
import { adagrad, adam, amsgrad, dataTensors, dlrmSpec, fillData, sgd } from '../../support/tinyModel.ts';

const cardinalities = [3, 17, 70, 5];
const ROW_STARTS = 95 + 4;

/** 95 rows of 5 elements, all of them sparse: the SIMD kernels can run it. */
function sparseSpec(optimizer: Optimizer): ModelSpec {
  const fields = cardinalities.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
  const request = { method: 'prune', alpha: 0, blocks: 1, popularity: 'rows', rounding: 'integer' } as const;
  const allocation = allocate(fields, { ...request, maxDim: 64, vectorDim: 5, budget: ROW_STARTS + 200 });
  return dlrmSpec({ cardinalities, allocation, optimizer });
}

async function prepare(backend: Backend, optimizer: Optimizer = sgd) {
  const spec = sparseSpec(optimizer);
  const program = buildModel(spec);
  const data = backend.createData(dataTensors(program));
  const slots = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 5);
  const values = program.tensors.find(({ name }) => name === 'embedding.sparse')!;
  return {
    execution,
    values,
    prune: (keep: number) => execution.run('prune', [{ ...slots[0], keep }]),
    train: (first: number, count: number) =>
      execution.run(
        'train',
        Array.from({ length: count }, (_, i) => ({
          ...slots[i % slots.length],
          learningRate: 0.05,
          step: first + i,
        })),
      ),
  };
}

const countNonZeros = (values: Float32Array | Uint32Array) => values.filter((value) => value !== 0).length;

describe('pruning', () => {
  const elements = 475;
  // Few magnitudes, so that many tie; denormals and both zeros among them.
  const few = fc.constantFrom(0, -0, 1e-42, -1e-42, 0.25, -0.25, 0.5, 1, -3, 1e30);
  const contents = fc.array(fc.oneof(few, fc.float({ noNaN: true })), {
    minLength: elements,
    maxLength: elements,
  });

  it('keeps the largest magnitudes: as many as asked for, or fewer where the next ones tie', async () => {
    const { execution, values, prune } = await prepare(createCpuBackend({ simd: false }));
    await fc.assert(
      fc.asyncProperty(contents, fc.nat(elements), async (drawn, keep) => {
        const before = Float32Array.from(drawn);
        execution.write(values, before);
        prune(keep);
        const after = (await execution.read(values)) as Float32Array;
        const sorted = before.map(Math.abs).sort().toReversed();
        const next = sorted[keep] ?? 0;
        // What is larger than the first that must go stays; what is as large goes with it.
        expect(after).toEqual(before.map((value) => (Math.abs(value) > next ? value : 0)));
        expect(countNonZeros(after)).toBeLessThanOrEqual(keep);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['SGD', sgd],
    ['Adagrad', adagrad],
    ['Adam', adam],
    ['AMSGrad', amsgrad],
  ])(
    '%s: what was pruned stays zero while the rest learns, in plain loops and SIMD',
    async (_, optimizer) => {
      const tables: Float32Array[] = [];
      for (const simd of [false, true]) {
        const { execution, values, prune, train } = await prepare(createCpuBackend({ simd }), optimizer);
        train(1, 5);
        prune(100);
        const pruned = await execution.read(values);
        expect(countNonZeros(pruned)).toBe(100);
        train(6, 30);
        const trained = (await execution.read(values)) as Float32Array;
        expect(trained.every((value, i) => value === 0 || pruned[i] !== 0)).toBe(true);
        expect(countNonZeros(trained)).toBe(100);
        expect(trained).not.toEqual(pruned);
        tables.push(trained);
      }
      const [plain, simd] = tables;
      plain.forEach((value, i) => expect(simd[i]).toBeCloseTo(value, 3));
    },
  );
});
