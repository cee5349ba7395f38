import type { DatasetInfo } from '../../data/dataset.ts';
import type { ReadableDataset } from '../../data/stored/exampleReader.ts';
import { labelDeviationOf } from '../../data/stored/labelDeviation.ts';
import type { BackendId, MethodId, ModelId, OptimizerId, Settings } from '../../settings/settings.ts';
import { defaultBudget } from '../../settings/defaultBudget.ts';
import { trainExamples } from '../batches/batchLayout.ts';
import { TrainingError } from '../events/errors.ts';
import { checkRanking, rankingOf } from './ranking.ts';
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
  /** DLRM on any number as label, which is standardised: see predictNumbers. */
  regression: {
    optimizer: 'amsgrad',
    tableInit: 'xavier',
    batch: { stepsPerEpoch: 128, min: 32, max: 512 },
    epochs: 20,
    warmupEpochs: 1,
    pruneEpochs: 5,
    evaluationsPerEpoch: 2,
    patience: 6,
    learningRate: { sgd: 0.1, adagrad: 0.03, adam: 1e-3, amsgrad: 1e-3 },
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
  /** Found on MovieLens 100K, ratings of 4 and 5 as what happened, by NDCG@10 on validation. */
  ranking: {
    optimizer: 'adam',
    tableInit: 'identity',
    batch: { stepsPerEpoch: 32, min: 64, max: 8192 },
    epochs: 100,
    warmupEpochs: 5,
    pruneEpochs: 20,
    evaluationsPerEpoch: 1,
    patience: 10,
    learningRate: { sgd: 1, adagrad: 0.05, adam: 1e-3, amsgrad: 1e-3 },
    negatives: { bpr: 1, 'log-loss': 4 },
    l2: { mf: 0.005, ncf: 0 },
  },
} as const;

/** Replaces every null by what the rules give. Throws TrainingError for a model that cannot learn from this data. */
export function resolveSettings(
  settings: Settings,
  data: ReadableDataset,
  backend: BackendId,
): ResolvedSettings {
  const model = settings.model ?? fittingModel(data);
  checkModel(model, data);
  const rules = defaults[rulesFor(model, data)];
  const rankingLoss = settings.rankingLoss ?? 'bpr';
  const negatives = settings.negatives ?? defaults.ranking.negatives[rankingLoss];
  const optimizer = settings.optimizer ?? rules.optimizer;
  const epochs = settings.epochs ?? rules.epochs;
  const ranking = rankingOf({ rankingLoss, negatives }, data);
  const sampled = ranking?.negatives ?? 0;
  const { count } = data.splits.train;
  const batch = settings.batch ?? defaultBatch(rules, count * (1 + sampled));
  if (ranking) checkRanking(ranking, batch, data);
  const stepsPerEpoch = Math.ceil(count / trainExamples({ batch, negatives: sampled }));
  return {
    ...settings,
    model,
    rankingLoss,
    negatives,
    optimizer,
    batch,
    budget: settings.budget ?? defaultBudget(data.task, data.fields, settings),
    learningRate: settings.learningRate ?? round(defaultLearningRate(model, data, optimizer, batch)),
    epochs,
    warmupSteps: settings.warmupSteps ?? Math.ceil(rules.warmupEpochs * stepsPerEpoch),
    patience: settings.patience ?? rules.patience,
    evaluateEvery: settings.evaluateEvery ?? Math.ceil(stepsPerEpoch / rules.evaluationsPerEpoch),
    pruneEpochs: settings.pruneEpochs ?? Math.min(0.6 * epochs, rules.pruneEpochs),
    l2: settings.l2 ?? round(defaultL2(settings, model, data)),
    tableInit: settings.tableInit ?? rules.tableInit,
    gradientRank: settings.gradientRank ?? 0,
    activationBits: settings.activationBits ?? '32',
    backend,
  };
}

/** Matrix factorisation where users and items are all there is, DLRM for clicks and where there are numbers to learn from. */
function fittingModel({ task, fields, numericColumns }: DatasetInfo): ModelId {
  return task === 'click' || numericColumns.length > 0 || fields.length < 2 ? 'dlrm' : 'mf';
}

function rulesFor(model: ModelId, { task }: DatasetInfo): keyof typeof defaults {
  return task === 'rating' && model === 'dlrm' ? 'regression' : task;
}

function checkModel(model: ModelId, { task, fields, numericColumns }: DatasetInfo): void {
  if (model !== 'dlrm' && task === 'click') {
    throw new TrainingError(
      `${model === 'mf' ? 'Matrix factorisation' : 'NCF'} cannot be trained here: the labels are clicks, and it predicts ratings.`,
      'Choose DLRM.',
    );
  }
  if (model === 'dlrm' && task === 'ranking') {
    throw new TrainingError(
      'DLRM cannot be trained here: the data says what happened, and it predicts labels.',
      'Choose matrix factorisation or NCF.',
    );
  }
  const vectors = fields.length + (model === 'dlrm' && numericColumns.length > 0 ? 1 : 0);
  if (vectors >= 2 && fields.length > 0) return;
  throw new TrainingError(
    `The model multiplies vectors in pairs, and this data has ${vectors === 1 ? 'only one' : 'none'}.`,
    'Give at least two columns the role “category”.',
  );
}

/** `rows`: training examples, with their negatives. */
function defaultBatch({ batch }: (typeof defaults)[keyof typeof defaults], rows: number): number {
  const { stepsPerEpoch, min, max } = batch;
  const power = 2 ** Math.floor(Math.log2(Math.max(1, rows / stepsPerEpoch)));
  return Math.min(max, Math.max(min, power));
}

/** How widely labels are spread, compared with MovieLens's. Labels s times as spread make vectors about √s times as long. */
function labelScale(data: ReadableDataset): number {
  const deviation = labelDeviationOf(data);
  return deviation > 0 ? deviation / defaults.rating.labelDeviation : 1;
}

function defaultLearningRate(
  model: ModelId,
  data: ReadableDataset,
  optimizer: OptimizerId,
  batch: number,
): number {
  const rules = rulesFor(model, data);
  if (rules !== 'rating') return defaults[rules].learningRate[optimizer];
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

function defaultL2({ method }: Settings, model: ModelId, data: ReadableDataset): number {
  if (model === 'dlrm') return 0;
  if (data.task === 'ranking') return defaults.ranking.l2[model];
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
