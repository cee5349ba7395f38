import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { describeEvaluation } from '../../support/evaluationSuite.ts';

describeEvaluation('on the CPU', () => Promise.resolve(createCpuBackend()));
