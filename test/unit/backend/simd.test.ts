import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { SimdCompiler } from '../../../src/backend/cpu/simd/compiler.ts';
import {
  type LinearMemory,
  MAX_LINEAR_BYTES,
  compileKernels,
} from '../../../src/backend/cpu/simd/linearMemory.ts';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import type { Op } from '../../../src/program/op.ts';
import { type MemoryRegion, assignMemory } from '../../../src/program/memory.ts';
import type { Program } from '../../../src/program/program.ts';
import { streamGradients } from '../../../src/program/streamGradients.ts';
import { type Contents, runOnRandom } from '../../support/singleOp.ts';
import {
  adagrad,
  adam,
  allocationOf,
  amsgrad,
  dataTensors,
  dlrmSpec,
  factorizationSpec,
  fillData,
  sgd,
} from '../../support/tinyModel.ts';

const simd = createCpuBackend();
const plain = createCpuBackend({ simd: false });

/** Dims that are not whole vectors, blocks, and a batch that is not whole tiles. */
const mixed = (batch: number, changes: Partial<ModelSpec> = {}): ModelSpec =>
  dlrmSpec({ batch, bottomMlp: [7, 9], topMlp: [65, 3], trainSlots: 2, dataSlots: 3, ...changes });
const many = Array.from({ length: 100 }, () => 3);

const batches = [1, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 513];
const ofFields = (fields: number): ModelSpec => {
  const own = many.slice(0, fields);
  const dims = own.map((_, i) => [i + 1]);
  return mixed(4, { cardinalities: own, allocation: allocationOf(own, dims) });
};

const cases: readonly [string, ModelSpec][] = [
  ...batches.map((batch): [string, ModelSpec] => [`batch ${batch}`, mixed(batch)]),
  ...[1, 2, 3, 4, 5].map((fields): [string, ModelSpec] => [`${fields} fields`, ofFields(fields)]),
  ['layers of 513, 64 and 8', mixed(9, { numericColumns: 513, bottomMlp: [64, 8], topMlp: [63, 65] })],
  ['layers of 1', mixed(5, { numericColumns: 1, bottomMlp: [1], topMlp: [1, 8, 16] })],
  ['no numbers', mixed(7, { numericColumns: 0 })],
  ['uniform dims of 9', mixed(9, { allocation: allocationOf([3, 17, 70, 5], [[9], [9], [9], [9]]) })],
  ['a base dim of 1', mixed(9, { allocation: allocationOf([3, 17, 70, 5], [[1], [1], [1], [1]]) })],
  [
    '100 fields',
    mixed(4, {
      cardinalities: many,
      topMlp: [3],
      allocation: allocationOf(
        many,
        many.map((_, i) => [(i % 16) + 1]),
      ),
    }),
  ],
  ['Adagrad', mixed(65, { optimizer: adagrad })],
  ['Adam', mixed(65, { optimizer: adam })],
  ['AMSGrad', mixed(65, { optimizer: amsgrad })],
  ['matrix factorisation', factorizationSpec({ batch: 65, optimizer: amsgrad })],
];

describe('every op in WebAssembly SIMD', () => {
  it('is there to be tested', () => {
    expect(simd.adapter).toBe('CPU, WebAssembly SIMD');
    expect(plain.adapter).toBe('CPU, plain loops');
    expect(createCpuBackend({ precision: 'f64' }).adapter).toBe('CPU, plain loops');
  });

  it.each(cases)(
    '%s: every op equals its plain loops within 1e-5, and itself bit for bit',
    async (_, spec) => {
      const program = buildModel(spec);
      for (const op of program.sections.train) {
        const once = await runOnRandom(simd, program, op, spec);
        expectSameBits(await runOnRandom(simd, program, op, spec), once, op);
        expectClose(once, await runOnRandom(plain, program, op, spec), op);
      }
    },
  );
});

it('measures gradients with factors as the plain loops do', async () => {
  const spec = mixed(67, { bottomMlp: [40, 19] });
  const program = streamGradients(buildModel(spec), 3);
  const measuring = program.sections.train.filter(({ kind }) => kind === 'measure-gradient');
  expect(measuring.length).toBeGreaterThan(2);
  for (const op of measuring) {
    const once = await runOnRandom(simd, program, op, spec);
    expectSameBits(await runOnRandom(simd, program, op, spec), once, op);
    expectClose(once, await runOnRandom(plain, program, op, spec), op);
  }
});

describe('training in WebAssembly SIMD', () => {
  const specs: readonly [string, ModelSpec][] = [
    ['SGD', mixed(33, { optimizer: sgd })],
    ['Adagrad', mixed(33, { optimizer: adagrad })],
    ['AMSGrad', mixed(33, { optimizer: amsgrad })],
    ['matrix factorisation', factorizationSpec({ batch: 33, optimizer: amsgrad })],
  ];
  it.each(specs)('%s: 200 steps agree with the plain loops within 1e-3, and repeat', async (_, spec) => {
    const losses = await train(simd, spec);
    expect(await train(simd, spec)).toEqual(losses);
    expectEqualLosses(losses, await train(plain, spec));
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it('leaves outside the tables that do not fit, and trains alike', async () => {
    const spec = largeTables;
    const limit = 2 ** 20;
    expect(placed(spec, limit)?.holds(tablesOf(spec))).toBe(false);
    expect(placed(spec)?.holds(tablesOf(spec))).toBe(true);
    expectEqualLosses(
      await train(createCpuBackend({ memoryLimitBytes: limit }), spec),
      await train(simd, spec),
    );
  });

  it('falls back to plain loops where not even the layers fit', async () => {
    expect(placed(largeTables, 2 ** 16)).toBeUndefined();
    const cramped = createCpuBackend({ memoryLimitBytes: 2 ** 16 });
    expect(await train(cramped, largeTables)).toEqual(await train(plain, largeTables));
  });

  it('lets go of its memory: 150 executions of 64 MiB, one after another', async () => {
    const program = withoutInitialValues(buildModel(mixed(5 * 2 ** 10, { topMlp: [2 ** 11, 2 ** 10] })));
    const data = simd.createData(dataTensors(program));
    for (let i = 0; i < 150; i++) {
      const execution = await simd.prepare(program, data, i);
      const { shared, gradient } = execution.allocatedBytes;
      expect(shared + gradient).toBeGreaterThan(2 ** 26);
      execution.destroy();
    }
  });
});

const largeTables = (() => {
  const rows = [5000, 9000];
  return mixed(33, { cardinalities: rows, allocation: allocationOf(rows, [[16], [9, 4]]), optimizer: adam });
})();

/** Without the views, whose random numbers take longer to draw than everything else. */
function withoutInitialValues(program: Program): Program {
  const kept = program.tensors.filter(({ base }) => !base);
  return { ...program, tensors: kept };
}

function tablesOf(spec: ModelSpec): MemoryRegion {
  return assignMemory(buildModel(spec)).find(({ name }) => name === 'embedding.tables')!;
}

function placed(spec: ModelSpec, limitBytes = MAX_LINEAR_BYTES): LinearMemory | undefined {
  const program = buildModel(spec);
  return SimdCompiler.forProgram(program, assignMemory(program), compileKernels()!, limitBytes)?.linear;
}

async function train(backend: Backend, spec: ModelSpec): Promise<number[]> {
  const program = buildModel(spec);
  const data = backend.createData(dataTensors(program));
  const slots = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 11);
  const steps = Array.from({ length: 200 }, (_, i) => ({
    ...slots[i % slots.length],
    learningRate: spec.optimizer.kind === 'sgd' ? 0.05 : 0.01,
    step: i + 1,
    metricSlot: i,
  }));
  execution.run('train', steps);
  const losses = [...(await execution.read(program.losses, 0, steps.length))];
  execution.destroy();
  return losses;
}

function expectEqualLosses(losses: readonly number[], oracle: readonly number[]): void {
  losses.forEach((loss, i) => expect(Math.abs(loss / oracle[i] - 1), `step ${i + 1}`).toBeLessThan(1e-3));
}

function expectSameBits(contents: Contents, others: Contents, op: Op): void {
  contents.forEach(([tensor, actual], t) => {
    const expected = new Uint32Array(others[t][1].buffer);
    const differs = new Uint32Array(actual.buffer).findIndex((word, i) => word !== expected[i]);
    expect(differs, `${op.kind}: ${tensor.name}`).toBe(-1);
  });
}

/** Relative to the element, or to the root mean square of its tensor where that is larger. */
function expectClose(contents: Contents, oracle: Contents, op: Op): void {
  oracle.forEach(([tensor, expected], t) => {
    const rms = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 1e-30) / expected.length);
    const actual = contents[t][1];
    let worst = 0;
    expected.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(actual[i] - x) / Math.max(Math.abs(x), rms));
    });
    expect(worst, `${op.kind}: ${tensor.name}`).toBeLessThan(1e-5);
  });
}
