import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { createWebGpuBackend } from '../../../src/backend/webgpu/backend.ts';
import { gpuTuning, softwareTuning } from '../../../src/backend/webgpu/tuning.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import {
  adagrad,
  adam,
  amsgrad,
  dlrmSpec,
  factorizationSpec,
  sgd,
  storagesSpec,
} from '../../support/tinyModel.ts';
import { prepare } from './prepare.ts';
import { sameBits, type Snapshot } from './support.ts';

const STEPS = 12;
/** Compiling the tiled kernels of four optimisers takes most of it: once, for all models of a backend. */
const TIMEOUT_MS = 180_000;

const backends: Readonly<Record<string, () => Backend | Promise<Backend>>> = {
  'the CPU in plain loops': () => createCpuBackend({ simd: false }),
  'the CPU with SIMD': () => createCpuBackend(),
  'WebGPU, as on software adapters': () => createWebGpuBackend(navigator.gpu, { tuning: softwareTuning }),
  'WebGPU, as on a GPU': () => createWebGpuBackend(navigator.gpu, { tuning: gpuTuning }),
};

/** Mixed dims, several blocks a field, and fields so small that many examples share a row. */
const models: Readonly<Record<string, (changes: Partial<ModelSpec>) => ModelSpec>> = {
  DLRM: dlrmSpec,
  'DLRM with a field of every storage': storagesSpec,
  'matrix factorisation': factorizationSpec,
};
const optimizers = { SGD: sgd, Adagrad: adagrad, Adam: adam, AMSGrad: amsgrad };

/** Every parameter, optimiser state and metric after `STEPS` steps, of which `stepsAtOnce` are handed over together. */
async function train(
  backend: Backend,
  spec: ModelSpec,
  stepsAtOnce: number,
  seed: number,
): Promise<Snapshot> {
  const run = await prepare(backend, spec, seed);
  for (let done = 0; done < STEPS; done += stepsAtOnce) {
    run.execution.run('train', run.steps(Math.min(stepsAtOnce, STEPS - done), done + 1));
    await run.execution.finished();
  }
  const kept = run.program.tensors.filter(
    ({ base, role }) => !base && ['parameter', 'optimizer-state', 'metric'].includes(role),
  );
  const values = await Promise.all(kept.map((tensor) => run.execution.read(tensor)));
  run.destroy();
  return new Map(kept.map(({ name }, i) => [name, values[i]]));
}

function findDifferences(a: Snapshot, b: Snapshot): readonly string[] {
  return [...a.keys()].filter((name) => !sameBits(a.get(name)!, b.get(name)!));
}

describe.each(Object.keys(backends))('%s', (name) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await backends[name]();
  });
  afterAll(() => backend?.destroy());

  test.each(Object.keys(models))(
    'trains %s to the same bits, in one go or step by step',
    async (model) => {
      for (const [optimizerName, optimizer] of Object.entries(optimizers)) {
        const spec = models[model]({ optimizer, batch: 120 });
        const first = await train(backend, spec, STEPS, 5);
        const [, losses] = [...first].find(([tensor]) => /loss/.test(tensor))!;
        expect(losses.slice(0, STEPS).every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
        expect(findDifferences(first, await train(backend, spec, STEPS, 5)), optimizerName).toEqual([]);
        expect(findDifferences(first, await train(backend, spec, 1, 5)), optimizerName).toEqual([]);
        // What is compared does depend on the seed.
        expect(findDifferences(first, await train(backend, spec, STEPS, 6))).toContain('embedding.tables');
      }
    },
    TIMEOUT_MS,
  );
});
