import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { allocate, reachableRange } from '../../../src/compression/allocate.ts';
import type { AllocationRequest } from '../../../src/compression/method.ts';
import { methods } from '../../../src/compression/methods.ts';
import type { MethodId } from '../../../src/settings/settings.ts';
import { amsgrad, dlrmSpec } from '../../support/tinyModel.ts';
import { prepare } from './prepare.ts';
import { relativeError, sameBits } from './support.ts';

const STEPS = 50;
const cardinalities = [3, 170, 70, 41, 25];
const fields = cardinalities.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
const hyperparameters = {
  alpha: 0.3,
  blocks: 1,
  popularity: 'rows',
  rounding: 'integer',
  maxDim: 16,
  vectorDim: 6,
} as const;

/** A method as a person has it: solved for a budget in the middle of what it can reach. */
function specOf(method: MethodId) {
  const request = { ...hyperparameters, method } satisfies Omit<AllocationRequest, 'budget'>;
  const { min, max } = reachableRange(fields, request);
  const allocation = allocate(fields, { ...request, budget: Math.round((min + max) / 2) });
  const words = 2 * cardinalities.reduce((sum, rows) => sum + rows);
  const signatures = Uint32Array.from({ length: words }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  const isSigned = allocation.fields.some(({ kind }) => kind === 'similar');
  return dlrmSpec({
    cardinalities,
    allocation,
    optimizer: amsgrad,
    ...(isSigned && { signatures }),
  });
}

describe('every method trains the same on both backends', () => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => gpu?.destroy());

  test.each(Object.keys(methods) as MethodId[])(
    '%s: 50 losses within 1e-3, and twice the same bits',
    async (method) => {
      const spec = specOf(method);
      const losses = async (backend: Backend) => {
        const run = await prepare(backend, spec);
        run.execution.run('train', run.steps(STEPS));
        const values = await run.execution.read(run.program.losses, 0, STEPS);
        run.destroy();
        return values;
      };
      const expected = await losses(createCpuBackend());
      expect(expected.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
      expect(expected[STEPS - 1]).toBeLessThan(expected[0]);
      const actual = await losses(gpu);
      expect(relativeError(actual, expected)).toBeLessThan(1e-3);
      expect(sameBits(actual, await losses(gpu))).toBe(true);
    },
  );
});
