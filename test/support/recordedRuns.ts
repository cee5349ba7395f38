import type { Backend } from '../../src/backend/backend.ts';
import { reachableRange } from '../../src/compression/allocate.ts';
import { methods } from '../../src/compression/methods.ts';
import type { Dataset, Task } from '../../src/data/dataset.ts';
import { lossOf } from '../../src/metrics/metrics.ts';
import type { MethodId, Settings } from '../../src/settings/settings.ts';
import { trainRun, type TrainOptions } from '../../src/training/train.ts';
import { tinyDataset, tinySettings } from '../unit/training/tinyDataset.ts';

const STEPS = 50;
const data: Readonly<Record<Task, Dataset>> = {
  click: tinyDataset('click'),
  rating: tinyDataset('rating'),
  ranking: tinyDataset('ranking'),
};

interface RecordedRun {
  readonly task?: Task;
  readonly settings: Partial<Settings>;
  readonly options?: Pick<TrainOptions, 'compression'>;
}

/** Every method at the middle of what its budget can reach. */
const ofMethods = Object.fromEntries(
  (Object.keys(methods) as MethodId[]).map((method) => [method, { settings: { method } }]),
);

/** Runs whose every bit is known: each method, and each way through the loop that is not a plain step. */
export const recordedRuns: Readonly<Record<string, RecordedRun>> = {
  ...ofMethods,
  'popularity blocks': { settings: { blocks: 4, popularity: 'empirical', alpha: 0.6 } },
  'a method of its own for a field': { settings: { method: 'uniform', fieldMethods: 'field 2=hashing' } },
  'dims by the spectra of a warm-up': { settings: { blocks: 2, allocation: 'spectral', warmupSteps: 13 } },
  'quantised after training': { settings: { method: 'uniform', postTraining: 'int8' } },
  'codes and gradient factors': { settings: { activationBits: '4', gradientRank: 2 } },
  'within a training memory': { settings: { trainMemory: 0.296 } },
  'row-wise Adagrad': { settings: { optimizer: 'adagrad' } },
  SGD: { settings: { optimizer: 'sgd', learningRate: 0.3 } },
  'ratings, mixed dimension': { task: 'rating', settings: { alpha: 0.4 } },
  'ratings, pruning': { task: 'rating', settings: { method: 'prune' } },
  'rankings, BPR': { task: 'ranking', settings: { alpha: 0.4 } },
  'rankings, NCF and log loss': {
    task: 'ranking',
    settings: { model: 'ncf', method: 'uniform', rankingLoss: 'log-loss', negativeSampling: 'popularity' },
  },
  'truncated and trained on': {
    settings: { method: 'uniform' },
    options: { compression: { by: 'truncate', budgets: [150], fineTuneSteps: 12 } },
  },
};

/** All that trainRun needs for a recorded run. */
export function optionsOf(name: string, backend: Backend): TrainOptions {
  const { task = 'click', settings, options } = recordedRuns[name];
  const dataset = data[task];
  const asked = { ...tinySettings, epochs: STEPS / 10, evaluateEvery: 25, ...settings };
  const { min, max } = reachableRange(dataset.fields, { ...asked, maxDim: 16 });
  return { ...options, settings: { ...asked, budget: Math.round((min + max) / 2) }, dataset, backend };
}

/** Every loss of the run, of what is made of it, and of its evaluations, in their order. */
export async function lossesOf(name: string, backend: Backend): Promise<Float32Array> {
  const losses: number[] = [];
  let isCompressed = false;
  for await (const event of trainRun(optionsOf(name, backend))) {
    if (event.kind === 'progress' && !isCompressed) losses.push(...event.losses);
    else if (event.kind === 'evaluation') losses.push(lossOf(event.metrics));
    else if (event.kind === 'compressed') {
      isCompressed = true;
      const { validation, test } = event.result.metrics;
      losses.push(lossOf(validation!), lossOf(test!));
    }
  }
  return Float32Array.from(losses);
}

/** Eight hexadecimal digits a loss, eight losses a line. */
export function bitsOf(losses: Float32Array): string {
  const words = Array.from(new Uint32Array(losses.buffer), (word) => word.toString(16).padStart(8, '0'));
  const lines = Array.from({ length: Math.ceil(words.length / 8) }, (_, i) => words.slice(8 * i, 8 * i + 8));
  return lines.map((line) => line.join(' ')).join('\n');
}
