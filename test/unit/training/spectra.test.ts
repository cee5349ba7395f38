import type { SketchKind } from '../../../src/analysis/sketch.ts';
import { SingularValueDecomposition } from 'ml-matrix';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { multiply, toLibrary } from '../../../src/analysis/matrix.ts';
import type { Execution } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { buildModel } from '../../../src/model/model.ts';
import { storedBlocks } from '../../../src/model/storedBlocks.ts';
import type { Program } from '../../../src/program/program.ts';
import { DeviceRows } from '../../../src/training/spectrum/deviceRows.ts';
import { allocationOf, dataTensors, dlrmSpec, fillData, storagesSpec } from '../../support/tinyModel.ts';
import {
  measureField,
  measureFieldExactly,
  measureLeverages,
  popularityFactors,
} from '../../../src/training/spectrum/measureField.ts';

/** The first field is long enough to be sketched; the second has a projection for each of its blocks. */
const cardinalities = [6000, 90, 5];
const allocation = allocationOf(cardinalities, [[4], [4, 3, 2], [2]]);
const countsOf = (rows: number) => Uint32Array.from({ length: rows }, (_, id) => Math.ceil(1000 / (id + 1)));

let program: Program;
let execution: Execution;
const yieldThread = () => Promise.resolve();
beforeAll(async () => {
  const spec = dlrmSpec({ cardinalities, allocation });
  program = buildModel(spec);
  const backend = createCpuBackend();
  const data = backend.createData(dataTensors(program));
  const steps = fillData(program, data, spec);
  execution = await backend.prepare(program, data, 3);
  for (const step of steps) execution.run('train', [{ ...step, learningRate: 0.1 }]);
});
afterAll(() => execution.destroy());

const blocksOf = (field: number) =>
  storedBlocks(program, allocation).filter((block) => block.field === field);
const open = (field: number, sketch?: SketchKind) =>
  DeviceRows.open(execution, blocksOf(field), countsOf(cardinalities[field]), { sketch });

/** The vectors of all ids of a field, [ids, D]. */
async function vectorsOf(field: number, factors?: Float64Array) {
  const rows: number[] = [];
  for (const { table, projection } of blocksOf(field)) {
    const [count, columns] = table.shape;
    const own = { rows: count, columns, values: (await execution.read(table)) as Float32Array };
    const values = projection
      ? multiply(own, {
          rows: columns,
          columns: allocation.baseDim,
          values: (await execution.read(projection)) as Float32Array,
        }).values
      : own.values;
    rows.push(...values);
  }
  const values = Float64Array.from(rows, (value, at) =>
    factors ? factors[Math.floor(at / 4)] * value : value,
  );
  return { rows: values.length / 4, columns: 4, values };
}

test('of short tables it is exact: the singular values of the vectors of all ids', async () => {
  const rows = await open(1);
  const seen = await measureField(rows, yieldThread);
  expect(seen).toEqual({ ...(await measureFieldExactly(rows, yieldThread)), distortion: 0 });
  expect([seen.field, seen.dims, seen.distortion]).toEqual([1, [4, 3, 2], 0]);
  const factors = popularityFactors(countsOf(90));
  for (const [values, matrix] of [
    [seen.singularValues, await vectorsOf(1)],
    [seen.weightedValues, await vectorsOf(1, factors)],
  ] as const) {
    const { diagonal } = new SingularValueDecomposition(toLibrary(matrix));
    values.forEach((value, k) => expect(value / diagonal[k]).toBeCloseTo(1, 5));
  }
  const leverages = await measureLeverages(rows, seen);
  expect(leverages.length).toBe(90);
  expect(leverages.reduce((a, b) => a + b)).toBeCloseTo(4, 5);
  rows.close();
});

test.each(['count-sketch', 'srht'] as const)(
  'of long tables its %s keeps the distortion it states',
  async (sketch) => {
    const rows = await open(0, sketch);
    const [seen, exact] = [
      await measureField(rows, yieldThread),
      await measureFieldExactly(rows, yieldThread),
    ];
    expect(seen.distortion).toBeGreaterThan(0);
    for (const name of ['singularValues', 'weightedValues'] as const)
      seen[name].forEach((value, k) => {
        expect(Math.abs((value / exact[name][k]) ** 2 - 1)).toBeLessThan(seen.distortion);
        expect(Math.abs(value / exact[name][k] - 1)).toBeLessThan(3 * seen.typicalError);
      });
    const leverages = await measureLeverages(rows, seen);
    expect(leverages.length).toBe(6000);
    const sum = leverages.reduce((a, b) => a + b) / 4;
    expect(Math.abs(sum - 1)).toBeLessThan(seen.distortion);
    expect(await measureField(rows, yieldThread)).toEqual(seen);
    rows.close();
  },
);

test('fields whose vectors are more than rows have no blocks to measure', () => {
  const spec = storagesSpec();
  const fields = storedBlocks(buildModel(spec), spec.allocation).map(({ field }) => field);
  expect(fields).toEqual([1, 1, 6]);
});
