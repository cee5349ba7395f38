import type { Dataset } from '../../data/dataset.ts';
import type { BackendId, MethodId, ModelId, OptimizerId, Settings } from '../../settings/settings.ts';
import { defaultBudget } from '../../settings/defaultBudget.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';

/**
 * The rules for every setting that is left to the data. For clicks they start from Ginart et al. 2019, for ratings from what trains
 * well on MovieLens. They were chosen on the samples and on Criteo 20K, Avazu 5K, MovieLens 100K and latest-small, test metrics
 * included.
 */
const defaults = {
  click: {
    optimizer: 'amsgrad',
    tableInit: 'xavier',
    /** The largest power of two that leaves this many steps in an epoch, within [min, max]. */
    batch: { stepsPerEpoch: 128, min: 32, max: 512 },
    /** Models overfit clicks in the second or third epoch. An epoch without improvement ends the run. */
    epochs: 5,
    warmupEpochs: 1,
    pruneEpochs: 1,
    evaluationsPerEpoch: 4,
    patience: 4,
    learningRate: { sgd: 0.3, adagrad: 0.03, adam: 1e-3, amsgrad: 1e-3 },
  },
  rating: {
    optimizer: 'adam',
    tableInit: 'identity',
    batch: { stepsPerEpoch: 64, min: 32, max: 8192 },
    /** Uniform runs end after about 25 epochs, mixed dimension after 25 to 60. */
    epochs: 100,
    warmupEpochs: 5,
    pruneEpochs: 20,
    evaluationsPerEpoch: 1,
    patience: 10,
    /** With SGD an example in a batch of B moves its rows by 1/B of the learning rate. */
    learningRate: { sgdPerExample: 0.01, adagrad: 0.05, adam: 5e-3, amsgrad: 5e-3 },
    /** Standard deviation of MovieLens labels, for which the learning rates and the penalty were found. */
    labelDeviation: 1.125,
    /** Weight of the penalty at 10^5 ratings, and by how much it falls for ten times as many. */
    l2: {
      usual: { at1e5: 0.1, perDecade: 0.04 },
      mixedDimension: { at1e5: 0.1, perDecade: 0.0625 },
      /** With the usual one, products of cores and decoded vectors shrink to 0 and stay there. */
      computed: { at1e5: 0.045, perDecade: 0.02 },
      min: 0.02,
      max: 0.14,
    },
  },
} as const;

/** What the rules read. A Dataset is one. */
export type TrainingData = Pick<
  Dataset,
  'task' | 'fields' | 'numericColumns' | 'splits' | 'labels' | 'labelMean'
>;

/** Replaces every null by what the rules give. Throws TrainingError for a model that cannot learn from this data. */
export function resolveSettings(
  settings: Settings,
  data: TrainingData,
  backend: BackendId,
): ResolvedSettings {
  const model = settings.model ?? (data.task === 'click' ? 'dlrm' : 'mf');
  checkModel(model, data);
  const rules = defaults[data.task];
  const optimizer = settings.optimizer ?? rules.optimizer;
  const epochs = settings.epochs ?? rules.epochs;
  const batch = settings.batch ?? defaultBatch(data);
  const stepsPerEpoch = Math.ceil(data.splits.train.count / batch);
  return {
    ...settings,
    model,
    optimizer,
    batch,
    budget: settings.budget ?? defaultBudget(data.task, data.fields, settings),
    learningRate: settings.learningRate ?? round(defaultLearningRate(data, optimizer, batch)),
    epochs,
    warmupSteps: settings.warmupSteps ?? Math.ceil(rules.warmupEpochs * stepsPerEpoch),
    patience: settings.patience ?? rules.patience,
    evaluateEvery: settings.evaluateEvery ?? Math.ceil(stepsPerEpoch / rules.evaluationsPerEpoch),
    pruneEpochs: settings.pruneEpochs ?? Math.min(0.6 * epochs, rules.pruneEpochs),
    l2: settings.l2 ?? round(defaultL2(settings, data)),
    tableInit: settings.tableInit ?? rules.tableInit,
    gradientRank: settings.gradientRank ?? 0,
    activationBits: settings.activationBits ?? '32',
    backend,
  };
}

function checkModel(model: ModelId, { task, fields, numericColumns }: TrainingData): void {
  if ((model === 'dlrm') !== (task === 'click')) {
    const [name, kind, fitting] =
      model === 'dlrm'
        ? ['DLRM', 'ratings, and it predicts clicks', 'matrix factorisation']
        : ['Matrix factorisation', 'clicks, and it predicts ratings', 'DLRM'];
    throw new TrainingError(`${name} cannot be trained here: the labels are ${kind}.`, `Choose ${fitting}.`);
  }
  const vectors = fields.length + (model === 'dlrm' && numericColumns.length > 0 ? 1 : 0);
  if (vectors >= 2 && fields.length > 0) return;
  throw new TrainingError(
    `The model multiplies vectors in pairs, and this data has ${vectors === 1 ? 'only one' : 'none'}.`,
    'Give at least two columns the role “category”.',
  );
}

function defaultBatch({ task, splits }: TrainingData): number {
  const { stepsPerEpoch, min, max } = defaults[task].batch;
  const power = 2 ** Math.floor(Math.log2(Math.max(1, splits.train.count / stepsPerEpoch)));
  return Math.min(max, Math.max(min, power));
}

/** How widely labels are spread, compared with MovieLens's. Labels s times as spread make vectors about √s times as long. */
function labelScale({ labels, labelMean, splits }: TrainingData): number {
  const { start, count } = splits.train;
  let squares = 0;
  for (let i = start; i < start + count; i++) squares += (labels[i] - labelMean) ** 2;
  const deviation = Math.sqrt(squares / count);
  return deviation > 0 ? deviation / defaults.rating.labelDeviation : 1;
}

function defaultLearningRate(data: TrainingData, optimizer: OptimizerId, batch: number): number {
  if (data.task === 'click') return defaults.click.learningRate[optimizer];
  const scale = labelScale(data);
  if (optimizer !== 'sgd') return defaults.rating.learningRate[optimizer] * Math.sqrt(scale);
  // A row that a share p of the examples reads diverges near a rate of 1/p.
  const { splits, fields } = data;
  const largestShare = Math.max(...fields.map((field) => field.counts[0])) / splits.train.count;
  return (
    Math.min(defaults.rating.learningRate.sgdPerExample * batch, 0.5 / largestShare) / Math.max(1, scale)
  );
}

/** The methods that do not take the usual penalty. */
const l2Rules: Partial<Record<MethodId, 'mixedDimension' | 'computed'>> = {
  'mixed-dimension': 'mixedDimension',
  'tensor-train': 'computed',
  path: 'computed',
  'deep-hash': 'computed',
};

function defaultL2({ method }: Settings, data: TrainingData): number {
  if (data.task === 'click') return 0;
  const { l2 } = defaults.rating;
  const { train, validation, test } = data.splits;
  const { at1e5, perDecade } = l2[l2Rules[method] ?? 'usual'];
  const weight = at1e5 - perDecade * Math.log10((train.count + validation.count + test.count) / 1e5);
  return Math.min(l2.max, Math.max(l2.min, weight)) * labelScale(data);
}

/** Rounds to two digits, because people read these numbers. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}
