import type { SketchKind } from '../../../src/analysis/sketch.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Backend } from '../../../src/backend/backend.ts';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { ProgramBuilder } from '../../../src/program/builder.ts';
import type { Addition, Program } from '../../../src/program/program.ts';
import { storedBlocks } from '../../../src/model/storedBlocks.ts';
import { DeviceRows } from '../../../src/training/spectrum/deviceRows.ts';
import {
  measureField,
  measureFieldExactly,
  measureLeverages,
} from '../../../src/training/spectrum/measureField.ts';
import { allocationOf, dlrmSpec } from '../../support/tinyModel.ts';
import { prepare } from './prepare.ts';
import { relativeError, sameBits } from './support.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

let gpu: WebGpuBackend;
beforeAll(async () => {
  gpu = await createWebGpuBackend(navigator.gpu);
});
afterAll(() => gpu?.destroy());

/** A sketch of the longest table of the program, its rows weighed, and the norms of its rows. */
function additionTo(program: Program) {
  const table = program.tensors.find(
    ({ shape, name }) => name.startsWith('embedding.table.') && shape[0] > 20,
  )!;
  const [rows, columns] = table.shape;
  const builder = new ProgramBuilder();
  const factors = builder.tensor('factors', 'activation', [rows]);
  const change = builder.tensor('change', 'activation', [columns, 1]);
  const plain = builder.tensor('plain', 'activation', [8, columns]);
  const sketch = builder.tensor('sketch', 'activation', [8, columns]);
  const norms = builder.tensor('norms', 'activation', [rows]);
  const addition: Addition = {
    tensors: builder.tensors,
    ops: [
      { kind: 'count-sketch', table, seed: 4, sketch: plain, weighted: { factors, sketch } },
      { kind: 'row-norms', table, factors: undefined, change, norms },
    ],
  };
  return { addition, factors, change, sketch, norms, rows, columns };
}

/** Sketches after every third of 9 steps; the losses, with and without. */
async function look(backend: Backend, isAttached: boolean) {
  const { execution, program, steps, destroy } = await prepare(backend, dlrmSpec());
  const { addition, factors, change, sketch, norms, rows, columns } = additionTo(program);
  const attachment = isAttached ? await execution.attach(addition) : undefined;
  attachment?.write(
    factors,
    Float32Array.from({ length: rows }, (_, i) => 1 / (i + 1)),
  );
  attachment?.write(change, new Float32Array(columns).fill(0.5));
  const seen: Promise<Float32Array>[] = [];
  for (const first of [1, 4, 7]) {
    execution.run('train', steps(3, first));
    attachment?.run();
    if (attachment) seen.push(attachment.read(sketch), attachment.read(norms));
  }
  const looks = await Promise.all(seen);
  const losses = (await execution.read(program.losses, 0, 9)) as Float32Array;
  attachment?.destroy();
  destroy();
  return { looks, losses };
}

test('what is attached sees the tables between steps as the CPU does, and changes no loss', async () => {
  const [actual, alone] = [await look(gpu, true), await look(gpu, false)];
  const [expected, cpuAlone] = [await look(createCpuBackend(), true), await look(createCpuBackend(), false)];
  expect(actual.looks).toHaveLength(6);
  actual.looks.forEach((values, i) => expect(relativeError(values, expected.looks[i])).toBeLessThan(1e-4));
  expect(sameBits(actual.looks[0], actual.looks[2])).toBe(false);
  expect(sameBits(actual.losses, alone.losses)).toBe(true);
  expect(sameBits(expected.losses, cpuAlone.losses)).toBe(true);
  // The same again leaves no buffer behind; those that reads are staged in stay from the first time.
  const { count } = gpu.liveBuffers;
  const again = await look(gpu, true);
  again.looks.forEach((values, i) => expect(sameBits(values, actual.looks[i])).toBe(true));
  expect(gpu.liveBuffers.count).toBe(count);
});

const yieldThread = () => Promise.resolve();

/** What is measured of a field of two blocks, both long enough to be sketched, after three steps. */
async function measure(backend: Backend, sketch: SketchKind) {
  const cardinalities = [600, 17];
  const allocation = allocationOf(cardinalities, [[3, 2], [4]]);
  const spec = dlrmSpec({ cardinalities, allocation });
  const { execution, program, steps, destroy } = await prepare(backend, spec);
  execution.run('train', steps(3));
  const blocks = storedBlocks(program, allocation).filter(({ field }) => field === 0);
  const counts = Uint32Array.from({ length: 600 }, (_, id) => 600 - id);
  const opened = await DeviceRows.open(execution, blocks, counts, { sketch });
  const [sketched, exact] = [
    await measureField(opened, yieldThread),
    await measureFieldExactly(opened, yieldThread),
  ];
  const leverages = await measureLeverages(opened, sketched);
  opened.close();
  destroy();
  return { sketched, exact, leverages };
}

test.each(['count-sketch', 'srht'] as const)(
  'a spectrum (%s) is on the device what it is on the CPU, and leaves nothing there',
  async (sketch) => {
    const [actual, expected] = [await measure(gpu, sketch), await measure(createCpuBackend(), sketch)];
    expect(expected.sketched.distortion).toBeGreaterThan(0);
    for (const kind of ['sketched', 'exact'] as const)
      for (const values of ['singularValues', 'weightedValues'] as const)
        expect(relativeError(actual[kind][values], expected[kind][values])).toBeLessThan(1e-4);
    expect(relativeError(actual.leverages, expected.leverages)).toBeLessThan(1e-3);
    const { count } = gpu.liveBuffers;
    await measure(gpu, sketch);
    expect(gpu.liveBuffers.count).toBe(count);
  },
);
