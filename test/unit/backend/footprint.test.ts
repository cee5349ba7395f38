import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CpuBackendOptions, createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { buildModel } from '../../../src/model/model.ts';
import { totalBytes, memoryLedger } from '../../../src/program/memory.ts';
import type { Role } from '../../../src/program/tensor.ts';
import { modelSpecs } from '../../support/modelSpecs.ts';
import { dataTensors } from '../../support/tinyModel.ts';

/** Roles whose tensors share no memory: the ledger's lines are the device's bytes. */
const apart: readonly Role[] = ['parameter', 'optimizer-state', 'data', 'metric', 'constant'];

describe('the footprint of a program on the CPU', () => {
  test.each<[string, CpuBackendOptions]>([
    ['WebAssembly SIMD', {}],
    ['WebAssembly SIMD without the tables', { memoryLimitBytes: 3 * 2 ** 16 }],
    ['plain loops', { simd: false }],
    ['double precision', { precision: 'f64' }],
    ['memory that is not shared', { shareMemory: false }],
  ])('%s: is what an execution has allocated once it has saved, for any model', async (_, options) => {
    const backend = createCpuBackend(options);
    await fc.assert(
      fc.asyncProperty(modelSpecs, async (spec) => {
        const program = buildModel(spec);
        const planned = backend.footprint(program);
        const data = backend.createData(dataTensors(program));
        const execution = await backend.prepare(program, data, 3);
        expect(execution.allocatedBytes).toEqual({ ...planned, checkpoint: 0 });
        await execution.save();
        expect(execution.allocatedBytes).toEqual(planned);
        execution.destroy();
        data.destroy();
      }),
      { numRuns: 40 },
    );
  });

  test('is the program’s own ledger, role by role, and its peak where tensors share', () => {
    const backend = createCpuBackend();
    fc.assert(
      fc.property(modelSpecs, (spec) => {
        const program = buildModel(spec);
        const { lines, askedBytes, peakBytes } = memoryLedger(program);
        const bytes = backend.footprint(program);
        const asked = (role: Role): number =>
          lines.filter((line) => line.role === role).reduce((sum, line) => sum + line.sizeBytes, 0);
        for (const role of apart) expect(bytes[role], role).toBe(asked(role));
        const sharing = bytes.shared + bytes.activation + bytes.gradient;
        expect(asked('activation') + asked('gradient') - sharing).toBe(askedBytes - peakBytes);
        expect(totalBytes(bytes) - bytes.scratch - bytes.checkpoint).toBe(peakBytes);
      }),
      { numRuns: 100 },
    );
  });
});
