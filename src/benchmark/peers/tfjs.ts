import type { Scalar } from '@tensorflow/tfjs';
import { BATCHES, type Contender, type Workload } from '../workload.ts';
import { stackTables } from './stackTables.ts';
import { Factorization, type TfjsBatch, TfjsDlrm, type TfjsModel } from './tfjsModels.ts';

/**
 * The same model in TensorFlow.js, trained the way its documentation does: variables, tf.gather (its
 * gradient is a dense table, by unsortedSegmentSum), tf.train.sgd().minimize.
 */
export async function startTfjs(workload: Workload): Promise<Contender> {
  const tf = await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no webgpu backend here');
  await tf.ready();
  const { benchmark, spec } = workload;
  const stacks = stackTables(workload);
  const batches = workload.batches.map((batch, k): TfjsBatch => ({
    ids: stacks.map(({ ids, fields }) => tf.tensor2d(ids[k], [spec.batch, fields], 'int32')),
    numbers: tf.tensor2d(batch.numbers, [spec.batch, spec.numericColumns]),
    labels: tf.tensor1d(batch.labels),
  }));
  const model: TfjsModel =
    spec.model === 'mf' ? new Factorization(tf, workload, stacks) : new TfjsDlrm(tf, workload, stacks);
  const optimizer = tf.train.sgd(benchmark.learningRate);
  let done = 0;
  return {
    version: `tfjs ${tf.version.tfjs}`,
    async train(count) {
      let loss: Scalar | null = null;
      for (let i = 0; i < count; i++) {
        const batch = batches[done++ % BATCHES];
        loss?.dispose();
        loss = optimizer.minimize(() => model.loss(batch), true, model.variables);
      }
      const [value] = await loss!.data();
      loss!.dispose();
      return value;
    },
    destroy() {
      tf.disposeVariables();
      tf.removeBackend('webgpu');
    },
  };
}
