import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { gpuTuning, softwareQuadTuning, softwareTuning } from '../../../src/backend/webgpu/tuning.ts';
import { describeApproximateActivations } from '../../support/quantisedSuite.ts';

const tunings = { tiles: gpuTuning, blocks: softwareTuning, quads: softwareQuadTuning };

for (const [name, tuning] of Object.entries(tunings))
  describeApproximateActivations(`WebGPU, products by ${name}`, () =>
    createWebGpuBackend(navigator.gpu, { tuning, shareMemory: false }),
  );
