import * as fc from 'fast-check';
import type { Backend } from '../../src/backend/backend.ts';
import { totalBytes } from '../../src/program/memory.ts';
import { defaultSettings, type Settings } from '../../src/settings/settings.ts';
import { TrainingError } from '../../src/training/events/errors.ts';
import type { RunResult } from '../../src/training/events/events.ts';
import { trainRun, type TrainOptions } from '../../src/training/train.ts';
import { tinyDataset } from '../unit/training/tinyDataset.ts';

type Data = TrainOptions['dataset'];
const datasets = {
  clicks: tinyDataset('click'),
  ratings: tinyDataset('rating'),
  /** So many batches that what stays on the device is large. */
  'many clicks': tinyDataset('click', 3000),
};

/** A rate at which nothing diverges: a run ends with a checkpoint. */
const base: Settings = { ...defaultSettings, vectorDim: 8, learningRate: 1e-4, epochs: 1, pruneEpochs: 0.5 };
const widths = fc.constantFrom('', '8', '64-32', '200-100');

/** A model, the data it learns, and a limit from a third of what it takes to a bit more. */
export const limitedRuns = fc.record({
  data: fc.constantFrom('clicks', 'ratings', 'many clicks'),
  settings: fc
    .record({
      method: fc.constantFrom(
        'mixed-dimension',
        'uniform',
        'full',
        'hashing',
        'quotient-remainder',
        'deep-hash',
        'tensor-train',
        'robe',
        'lma',
        'prune',
      ),
      optimizer: fc.constantFrom('sgd', 'adagrad', 'adam', 'amsgrad'),
      batch: fc.constantFrom(null, null, 16, 50, 128, 300),
      activationBits: fc.constantFrom(null, null, '32', '8'),
      gradientRank: fc.constantFrom(null, null, 0, 4),
      topMlp: widths,
      bottomMlp: widths,
      budget: fc.constantFrom(800, 1500),
    } satisfies { readonly [K in keyof Settings]?: fc.Arbitrary<Settings[K]> })
    .map((changes): Settings => Object.assign({ ...base }, changes)),
  share: fc.integer({ min: 30, max: 120 }).map((percent) => percent / 100),
});
type LimitedRun = typeof limitedRuns extends fc.Arbitrary<infer Run> ? Run : never;

/** What gives way, from last to first. */
const yielding = ['batch', 'gradientRank', 'activationBits'] as const;

/** How a limit was met: by the run as asked, by what gave way last, or not at all. */
export type Outcome = 'as asked' | 'examples' | (typeof yielding)[number] | 'refused';

/**
 * Trains a run under its limit. What the device had allocated in the end, the checkpoint included, is
 * at most the limit, and what was set by hand is as it was; where no run fits, the limit is below
 * the least one that the error tells, which is met. Throws where one of these does not hold.
 */
export async function expectWithinLimit(
  backend: Backend,
  { data, settings, share }: LimitedRun,
): Promise<Outcome> {
  const dataset = datasets[data];
  const free = await resultOf(backend, dataset, settings);
  const limit = Math.ceil(share * totalBytes(free.bytes));
  const outcome = await tryWithin(backend, dataset, settings, limit);
  if ('settings' in outcome) return comparison(outcome, free, settings);
  if (!(outcome.leastBytes > limit)) throw new Error(`${outcome.leastBytes} is no more than ${limit}`);
  const met = await tryWithin(backend, dataset, settings, outcome.leastBytes);
  if (!('settings' in met)) throw new Error(`the least limit, ${outcome.leastBytes}, is not met`);
  return 'refused';
}

function comparison(result: RunResult, free: RunResult, asked: Settings): Outcome {
  const changed = yielding.filter((name) => result.settings[name] !== free.settings[name]);
  const taken = changed.find((name) => asked[name] !== null);
  if (taken) throw new Error(`${taken} was set by hand, and changed`);
  return changed[0] ?? (result.bytes.data === free.bytes.data ? 'as asked' : 'examples');
}

/** What was trained; or the least limit. */
async function tryWithin(backend: Backend, dataset: Data, settings: Settings, limit: number) {
  try {
    const result = await resultOf(backend, dataset, { ...settings, trainMemory: limit / 1e6 });
    const taken = totalBytes(result.bytes);
    if (result.bytes.checkpoint === 0) throw new Error('there is no checkpoint');
    if (taken > limit) throw new Error(`${taken} bytes of ${limit}`);
    return result;
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    const [, megabytes] = /the least it takes is ([\d.]+) MB/.exec(error.message) ?? [];
    return { leastBytes: Math.round(Number(megabytes) * 1e6) };
  }
}

async function resultOf(backend: Backend, dataset: Data, settings: Settings): Promise<RunResult> {
  for await (const event of trainRun({ settings, dataset, backend }))
    if (event.kind === 'finished') return event.result;
  throw new Error('the run did not finish');
}
