import { describe, expect, it } from 'vitest';
import { createCpuBackend, type CpuExecution } from '../../../src/backend/cpu/backend.ts';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import type { Program, Step } from '../../../src/program/program.ts';
import type { Tensor } from '../../../src/program/tensor.ts';
import {
  computedFactorizationSpec,
  computedSpec,
  decodedFactorizationSpec,
  decodedSpec,
} from '../../support/computedModel.ts';
import { withLossInEvaluation } from '../../support/lossInEvaluation.ts';
import {
  allocationOf,
  dataTensors,
  dlrmSpec,
  factorizationSpec,
  fillData,
  ncfSpec,
  sharingFactorizationSpec,
  storagesSpec,
} from '../../support/tinyModel.ts';

const even = allocationOf([13, 29], [[4], [4]]);
const bpr = { loss: 'bpr', negatives: 2 } as const;

/**
 * One SGD step at learning rate 1 moves every parameter by minus its gradient, so the whole line
 * (forward, backward, scatter, update) is held against central differences of the loss, in float64.
 */
const cases: readonly [string, ModelSpec][] = [
  ['DLRM, mixed dims, blocks', dlrmSpec()],
  ['DLRM, uniform dims', dlrmSpec({ allocation: allocationOf([3, 17, 70, 5], [[4], [4], [4], [4]]) })],
  ['DLRM without numbers', dlrmSpec({ numericColumns: 0 })],
  ['DLRM, a number as label', dlrmSpec({ regression: { mean: 3, deviation: 1.7 } })],
  ['DLRM, a field of every storage', storagesSpec()],
  ['DLRM, computed vectors', computedSpec()],
  ['matrix factorisation, computed vectors', computedFactorizationSpec()],
  ['DLRM, decoded hashes alone', decodedSpec()],
  ['matrix factorisation, decoded hashes', decodedFactorizationSpec()],
  ['matrix factorisation', factorizationSpec()],
  ['matrix factorisation, shared rows', sharingFactorizationSpec()],
  ['matrix factorisation, uniform', factorizationSpec({ allocation: even })],
  ['matrix factorisation, BPR', factorizationSpec({ ranking: bpr, batch: 12 })],
  ['matrix factorisation, log loss', factorizationSpec({ ranking: { ...bpr, loss: 'log-loss' } })],
  ['NCF, BPR', ncfSpec()],
  ['NCF, log loss, uniform', ncfSpec({ ranking: { ...bpr, loss: 'log-loss' }, allocation: even, l2: 0 })],
  ['NCF, BPR, uniform', ncfSpec({ allocation: even })],
  ['NCF, decoded hashes', decodedFactorizationSpec({ model: 'ncf', ncfMlp: [7], ranking: bpr, batch: 12 })],
  [
    'NCF, computed vectors',
    computedFactorizationSpec({ model: 'ncf', ncfMlp: [7], ranking: bpr, batch: 12 }),
  ],
  ['NCF of ratings', ncfSpec({ ranking: undefined })],
  [
    'factorisation machine',
    factorizationSpec({
      cardinalities: [4, 6, 9],
      allocation: allocationOf([4, 6, 9], [[3], [2, 3], [1]]),
      tableInit: 'xavier',
    }),
  ],
];

describe('gradients against central differences in float64', () => {
  it.each(cases)('%s: relative error below 1e-5', async (_, spec) => {
    const program = withLossInEvaluation(buildModel(spec));
    const backend = createCpuBackend({ precision: 'f64', shareMemory: false });
    const data = backend.createData(dataTensors(program));
    const steps = fillData(program, data, spec);
    const execution = (await backend.prepare(program, data, 5)) as CpuExecution;
    for (const step of steps) await checkStep(execution, program, spec, { ...step, learningRate: 1 });
  });
});

async function checkStep(
  execution: CpuExecution,
  program: Program,
  spec: ModelSpec,
  step: Step,
): Promise<void> {
  const parameters = program.tensors.filter(
    ({ role, type, base }) => role === 'parameter' && type === 'f32' && !base,
  );
  const values = (tensor: Tensor) => execution.peek(tensor) as Float64Array;
  const before = parameters.map((tensor) => values(tensor).slice());
  await execution.save();
  execution.run('train', [step]);
  const gradients = parameters.map((tensor, i) => before[i].map((value, j) => value - values(tensor)[j]));
  await execution.restore();

  const epsilon = 1e-5;
  parameters.forEach((tensor, i) => {
    const array = values(tensor);
    let difference = 0;
    let norm = 0;
    for (let j = 0; j < array.length; j++) {
      const value = array[j];
      array[j] = value + epsilon;
      const above = objective(execution, program, spec, step);
      array[j] = value - epsilon;
      const below = objective(execution, program, spec, step);
      array[j] = value;
      const numeric = (above - below) / (2 * epsilon);
      difference += (numeric - gradients[i][j]) ** 2;
      norm += numeric ** 2;
    }
    expect(norm, tensor.name).toBeGreaterThan(0);
    expect(Math.sqrt(difference / norm), tensor.name).toBeLessThan(1e-5);
  });
}

function objective(execution: CpuExecution, program: Program, spec: ModelSpec, step: Step): number {
  execution.run('evaluate', [step]);
  const find = (name: string) =>
    execution.peek(program.tensors.find((tensor) => tensor.name === name)!) as Float64Array;
  const losses = find('loss.examples').subarray(0, step.count);
  // What training descends is the loss of standardised labels.
  const unit = spec.regression ? spec.regression.deviation ** 2 : 1;
  let total = losses.reduce((sum, value) => sum + value, 0) / step.count / unit;
  if (spec.l2 > 0) {
    const vectors = find('embedding.vectors');
    const used = vectors.subarray(0, (vectors.length / spec.batch) * step.count);
    total += (spec.l2 / step.count) * used.reduce((sum, value) => sum + value * value, 0);
  }
  return total;
}
