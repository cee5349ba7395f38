import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import { streamGradients } from '../../../src/program/streamGradients.ts';
import { decodedSpec } from '../../support/computedModel.ts';
import { adagrad, amsgrad, dlrmSpec, sgd, storagesSpec } from '../../support/tinyModel.ts';
import { prepare } from './prepare.ts';
import { relativeError, sameBits } from './support.ts';

const STEPS = 50;
const wide = { bottomMlp: [24, 12], topMlp: [30, 16], batch: 67 };

const cases: readonly [name: string, rank: number, spec: ModelSpec][] = [
  ['mixed dims', 1, dlrmSpec({ ...wide, optimizer: sgd })],
  ['mixed dims', 4, dlrmSpec({ ...wide, optimizer: amsgrad })],
  ['quotient–remainder and other storages', 4, storagesSpec({ ...wide, optimizer: adagrad })],
  ['deep hash', 4, decodedSpec({ ...wide, optimizer: amsgrad })],
];

describe('streamed gradients train the same on both backends', () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => gpu?.destroy());

  test.each(cases)('%s at rank %i: 50 losses within 1e-3, and twice the same bits', async (_, rank, spec) => {
    const losses = async (backend: Backend) => {
      const run = await prepare(backend, spec, 5, (exact) => streamGradients(exact, rank));
      expect(run.program.spectra!.length).toBeGreaterThan(0);
      run.execution.run('train', run.steps(STEPS));
      const values = await run.execution.read(run.program.losses, 0, STEPS);
      run.destroy();
      return values;
    };
    const expected = await losses(createCpuBackend());
    expect(expected[STEPS - 1]).toBeLessThan(expected[0]);
    const actual = await losses(gpu);
    expect(relativeError(actual, expected)).toBeLessThan(1e-3);
    expect(sameBits(actual, await losses(gpu))).toBe(true);
  });
});
