import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebGpuBackend, type WebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { buildModel } from '../../../src/model/model.ts';
import { totalBytes } from '../../../src/program/memory.ts';
import { elementCount } from '../../../src/program/tensor.ts';
import { modelSpecs } from '../../support/modelSpecs.ts';
import { dataTensors } from '../../support/tinyModel.ts';

describe('the footprint of a program on the GPU', () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await createWebGpuBackend(navigator.gpu);
  });
  afterAll(() => backend.destroy());

  test('is the bytes of the buffers that exist once it has saved, for any model', async () => {
    await fc.assert(
      fc.asyncProperty(modelSpecs, async (spec) => {
        const program = buildModel(spec);
        const planned = backend.footprint(program);
        const before = backend.liveBuffers.sizeBytes;
        const data = backend.createData(dataTensors(program));
        const execution = await backend.prepare(program, data, 3);
        expect(execution.allocatedBytes).toEqual({ ...planned, checkpoint: 0 });
        await execution.save();
        await execution.finished();
        expect(execution.allocatedBytes).toEqual(planned);
        expect(backend.liveBuffers.sizeBytes - before).toBe(totalBytes(planned));
        for (const role of ['parameter', 'optimizer-state', 'data', 'metric'] as const) {
          const own = program.tensors.filter((tensor) => tensor.role === role && !tensor.base);
          // No buffer is empty.
          const bytes = own.reduce((sum, tensor) => sum + 4 * Math.max(1, elementCount(tensor)), 0);
          expect(planned[role], role).toBe(bytes);
        }
        execution.destroy();
        data.destroy();
        expect(backend.liveBuffers.sizeBytes).toBe(before);
      }),
      { numRuns: 12 },
    );
  });
});
