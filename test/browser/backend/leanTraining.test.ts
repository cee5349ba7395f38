import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import { approximateActivations } from '../../../src/program/approximateActivations.ts';
import type { Program } from '../../../src/program/program.ts';
import { streamGradients } from '../../../src/program/streamGradients.ts';
import { decodedSpec } from '../../support/computedModel.ts';
import { adagrad, amsgrad, dlrmSpec, sgd, storagesSpec } from '../../support/tinyModel.ts';
import { prepare } from './prepare.ts';
import { relativeError, sameBits } from './support.ts';

const STEPS = 50;
/** Of a loss. A value at the edge of a bin may have the next bin’s code on the other backend, so codes are given twice as much. */
const tolerance = (bits: number): number => (bits === 32 ? 1e-3 : 2e-3);
const wide = { bottomMlp: [24, 12], topMlp: [30, 16], batch: 67 };

/** Bits of the activations, 32 being exact, and rank of the gradients, 0 being exact. */
type Case = readonly [name: string, bits: 4 | 8 | 32, rank: number, spec: ModelSpec];
const cases: readonly Case[] = [
  ['mixed dims', 32, 1, dlrmSpec({ ...wide, optimizer: sgd })],
  ['mixed dims', 32, 4, dlrmSpec({ ...wide, optimizer: amsgrad })],
  ['mixed dims', 4, 0, dlrmSpec({ ...wide, optimizer: amsgrad })],
  ['mixed dims', 4, 4, dlrmSpec({ ...wide, optimizer: adagrad })],
  ['quotient–remainder and other storages', 32, 4, storagesSpec({ ...wide, optimizer: adagrad })],
  ['quotient–remainder and other storages', 8, 0, storagesSpec({ ...wide, optimizer: adagrad })],
  ['deep hash', 32, 4, decodedSpec({ ...wide, optimizer: amsgrad })],
  ['deep hash', 4, 4, decodedSpec({ ...wide, optimizer: adagrad })],
];

describe('training in less memory goes the same way on both backends', () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => gpu?.destroy());

  test.each(cases)('%s, %i bits, rank %i: 50 losses agree, and twice the same bits', async (...row) => {
    const [, bits, rank, spec] = row;
    const transform = (exact: Program): Program => {
      const quantised = bits === 32 ? exact : approximateActivations(exact, { bits });
      return rank > 0 ? streamGradients(quantised, rank) : quantised;
    };
    const losses = async (backend: Backend) => {
      const run = await prepare(backend, spec, 5, transform);
      run.execution.run('train', run.steps(STEPS));
      const values = await run.execution.read(run.program.losses, 0, STEPS);
      run.destroy();
      return values;
    };
    const expected = await losses(createCpuBackend());
    expect(expected[STEPS - 1]).toBeLessThan(expected[0]);
    const actual = await losses(gpu);
    expect(relativeError(actual, expected)).toBeLessThan(tolerance(bits));
    expect(sameBits(actual, await losses(gpu))).toBe(true);
  });
});
