import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { describeApproximateActivations } from '../../support/quantisedSuite.ts';

describeApproximateActivations('plain loops', () => createCpuBackend({ simd: false, shareMemory: false }));
describeApproximateActivations('WebAssembly SIMD', () => createCpuBackend({ shareMemory: false }));
