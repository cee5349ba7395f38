import type { Array as JaxArray } from '@jax-js/jax';
import { BATCHES, type Contender, initialParameter, type Workload } from '../workload.ts';
import {
  type Constants,
  dlrmLoss,
  factorizationLoss,
  type JaxBatch,
  type Layer,
  type Parameters,
  trainStep,
} from './jaxModels.ts';
import { lowerTriangle, stackTables } from './stackTables.ts';

type MakeArray = (values: Float32Array | Int32Array, shape: readonly number[]) => JaxArray;

/** The package exports no version. */
export const JAX_VERSION = '0.1.25';

/** The same model in jax-js: forward, backward and SGD in one `jit`. */
export async function startJax(workload: Workload, device: 'webgpu' | 'wasm'): Promise<Contender> {
  const jax = await import('@jax-js/jax');
  if (!(await jax.init(device)).includes(device)) throw new Error(`jax-js has no ${device} device here`);
  const { benchmark, spec } = workload;
  const array: MakeArray = (values, shape) =>
    jax.numpy.array(values as Float32Array<ArrayBuffer>, { shape: [...shape], device });
  const { batches, constants, ...start } = createArrays(workload, array);
  let { parameters } = start;
  const loss = spec.model === 'mf' ? factorizationLoss(jax, spec.labelMean) : dlrmLoss(jax);
  const step = jax.jit(trainStep(jax, loss, benchmark.learningRate));
  let done = 0;
  return {
    version: `jax-js ${JAX_VERSION}`,
    async train(count) {
      let value: JaxArray | undefined;
      for (let i = 0; i < count; i++) {
        const batch = batches[done++ % BATCHES];
        value?.dispose();
        [parameters, value] = step(parameters, jax.tree.ref(batch), jax.tree.ref(constants));
        // Arrays are lazy, and steps that were not submitted keep all their buffers.
        if (device === 'webgpu') value.ref.gpuBufferSync();
        else await value.blockUntilReady();
      }
      const [last] = await value!.data();
      return last;
    },
    destroy() {
      step.dispose();
      jax.tree.dispose([parameters, batches, constants]);
    },
  };
}

function createArrays(workload: Workload, array: MakeArray) {
  const { spec, batches } = workload;
  const { baseDim } = spec.allocation;
  const stacks = stackTables(workload);
  const isDlrm = spec.model === 'dlrm';
  const parameters: Parameters = {
    tables: stacks.map(({ values, rows }) => array(values, [rows, baseDim])),
    biases: isDlrm ? [] : stacks.map(({ rows }) => array(new Float32Array(rows), [rows, 1])),
    bottom: isDlrm ? layersOf(workload, 'bottom', spec.bottomMlp.length + 1, array) : [],
    top: isDlrm ? layersOf(workload, 'top', spec.topMlp.length + 1, array) : [],
  };
  const ones = (...shape: number[]): JaxArray =>
    array(new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
  const pairs = lowerTriangle(spec.cardinalities.length + 1);
  const constants: Constants = {
    pairs: isDlrm ? [array(pairs, [pairs.length])] : [],
    pairOnes: isDlrm ? [ones(spec.batch, pairs.length)] : [],
    ones: stacks.map(({ fields }) => ones(spec.batch, fields, baseDim)),
    biasOnes: isDlrm ? [] : stacks.map(({ fields }) => ones(spec.batch, fields, 1)),
  };
  return {
    parameters,
    constants,
    batches: batches.map((batch, k): JaxBatch => ({
      ids: stacks.map(({ ids, fields }) => array(ids[k], [spec.batch, fields])),
      numbers: isDlrm ? [array(batch.numbers, [spec.batch, spec.numericColumns])] : [],
      labels: array(batch.labels, [spec.batch]),
    })),
  };
}

function layersOf(workload: Workload, mlp: string, count: number, array: MakeArray): Layer[] {
  const parameter = (name: string): JaxArray => {
    const { values, shape } = initialParameter(workload, name);
    return array(values, shape);
  };
  return Array.from({ length: count }, (_, i) => ({
    weight: parameter(`${mlp}.${i}.weight`),
    bias: parameter(`${mlp}.${i}.bias`),
  }));
}
