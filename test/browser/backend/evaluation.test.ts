import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { describeEvaluation } from '../../support/evaluationSuite.ts';

describeEvaluation('on WebGPU', () => createWebGpuBackend(navigator.gpu));
