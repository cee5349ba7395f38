import type { Dataset, Task } from '../../../src/data/dataset.ts';
import { Random } from '../../../src/random/random.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';

/** Of a short run on the tiny data set: 10 steps an epoch. */
export const tinySettings: Settings = {
  ...defaultSettings,
  budget: 300,
  batch: 48,
  epochs: 4,
  evaluateEvery: 5,
  patience: 0,
  learningRate: 0.01,
};

/** 600 examples with something to learn: the label depends on the ids of the first two fields. */
export function tinyDataset(task: Task, examples = 600): Dataset {
  const random = new Random(3, 'tiny data set');
  const rows = task === 'click' ? [7, 13, 40] : [30, 50];
  const columns = task === 'click' ? 2 : 0;
  const ids = new Uint32Array(examples * rows.length);
  const numbers = Float32Array.from({ length: examples * columns }, () => Math.abs(random.normal()));
  const labels = new Float32Array(examples);
  for (let i = 0; i < examples; i++) {
    // The minimum of two draws: smaller ids are more popular.
    rows.forEach((n, f) => (ids[i * rows.length + f] = Math.min(random.below(n), random.below(n))));
    const [a, b] = ids.subarray(i * rows.length);
    const score = (a % 3) - (b % 2);
    if (task === 'ranking') labels[i] = 1;
    else labels[i] = task === 'click' ? Number(random.uniform() < (score > 0 ? 0.8 : 0.2)) : 3 + score;
  }
  const train = Math.floor(0.8 * examples);
  const rest = Math.floor(0.1 * examples);
  const splits = {
    train: { start: 0, count: train },
    validation: { start: train, count: rest },
    test: { start: train + rest, count: examples - train - rest },
  };
  const fields = rows.map((cardinality, f) => {
    const counts = new Uint32Array(cardinality);
    for (let i = 0; i < train; i++) counts[ids[i * rows.length + f]]++;
    return { name: `field ${f}`, cardinality, counts: counts.sort().toReversed(), rareId: cardinality - 1 };
  });
  return {
    name: `tiny ${task}`,
    format: 'sample',
    task,
    fields,
    numericColumns: Array.from({ length: columns }, (_, i) => ({
      name: `number ${i}`,
      transform: { kind: 'log' } as const,
    })),
    examples,
    splits,
    ids,
    numbers,
    labels,
    labelMean: labels.subarray(0, train).reduce((sum, label) => sum + label, 0) / train,
    report: {
      linesRead: examples,
      bytesRead: 0,
      skipped: [],
      warnings: [],
      sampled: false,
      minCount: 1,
      splitBy: 'hash',
      elapsedMs: 0,
    },
  };
}
