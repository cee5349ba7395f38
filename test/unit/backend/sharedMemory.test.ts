import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CpuBackendOptions, createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import { dlrmSpec, factorizationSpec } from '../../support/tinyModel.ts';
import { modelSpecs } from '../../support/modelSpecs.ts';
import { trainAndEvaluate } from '../../support/trainAndEvaluate.ts';

const run = (spec: ModelSpec, options: CpuBackendOptions) =>
  trainAndEvaluate(createCpuBackend(options), spec);

describe('training in shared memory on the CPU', () => {
  test.each([
    ['plain loops', { simd: false }],
    ['WebAssembly SIMD', {}],
  ])('%s: any model has the same bits as without sharing', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(modelSpecs, async (spec) => {
        const { state } = await run(spec, { ...options, shareMemory: false });
        expect((await run(spec, options)).state).toEqual(state);
        // An op that needs what the plan holds for dead gets a NaN.
        expect((await run(spec, { ...options, shareMemory: false, poison: true })).state).toEqual(state);
        expect((await run(spec, { ...options, poison: true })).state).toEqual(state);
      }),
      { numRuns: 40 },
    );
  });

  test.each([dlrmSpec(), factorizationSpec()])('allocates the peak of the ledger, $model', async (spec) => {
    const { askedBytes, peakBytes } = memoryLedger(buildModel(spec));
    expect(peakBytes).toBeLessThan(askedBytes);
    for (const options of [{}, { simd: false }]) {
      expect(ofTensors((await run(spec, options)).bytes)).toBe(peakBytes);
      expect(ofTensors((await run(spec, { ...options, shareMemory: false })).bytes)).toBe(askedBytes);
    }
  });
});

/** Without what kernels work in. */
function ofTensors(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((sum, each) => sum + each, 0) - bytes['scratch'];
}
