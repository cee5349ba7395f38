import type { Dataset } from '../data/dataset.ts';
import type { BackendId, ModelId, OptimizerId, Settings } from '../settings/settings.ts';
import { TrainingError } from './errors.ts';
import type { ResolvedSettings } from './events.ts';

/**
 * The rules behind every setting that is left to the data. Sources: methods.md §2 and §9
 * (Ginart et al. 2019 for clicks, measurements on MovieLens for ratings).
 */
const defaults = {
  /** Budget: uniform vectors of this dim. */
  uniformDim: 16,
  click: {
    optimizer: 'amsgrad',
    tableInit: 'xavier',
    /** The largest power of two that leaves at least this many steps in an epoch, within [32, 512]. */
    batch: { stepsPerEpoch: 64, min: 32, max: 512 },
    epochs: 3,
    evaluationsPerEpoch: 4,
    patience: 3,
  },
  rating: {
    optimizer: 'adam',
    tableInit: 'identity',
    batch: { stepsPerEpoch: 16, min: 32, max: 8192 },
    epochs: 200,
    evaluationsPerEpoch: 1,
    patience: 10,
  },
} as const;

/** What the rules look at. A Dataset is one. */
export type TrainingData = Pick<
  Dataset,
  'task' | 'fields' | 'numericColumns' | 'splits' | 'labels' | 'labelMean'
>;

/** Fills every null. Throws TrainingError for a model that cannot learn from this data. */
export function resolveSettings(
  settings: Settings,
  data: TrainingData,
  backend: BackendId,
): ResolvedSettings {
  const model = settings.model ?? (data.task === 'click' ? 'dlrm' : 'mf');
  checkModel(model, data);
  const rules = defaults[data.task];
  const optimizer = settings.optimizer ?? rules.optimizer;
  const batch = settings.batch ?? defaultBatch(data);
  const stepsPerEpoch = Math.ceil(data.splits.train.count / batch);
  return {
    ...settings,
    model,
    optimizer,
    batch,
    budget: settings.budget ?? defaultBudget(data),
    learningRate: settings.learningRate ?? defaultLearningRate(data, optimizer, batch),
    epochs: settings.epochs ?? rules.epochs,
    patience: settings.patience ?? rules.patience,
    evaluateEvery: settings.evaluateEvery ?? Math.ceil(stepsPerEpoch / rules.evaluationsPerEpoch),
    l2: settings.l2 ?? defaultL2(settings, data),
    tableInit: settings.tableInit ?? rules.tableInit,
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

function defaultBudget({ fields }: TrainingData): number {
  return defaults.uniformDim * fields.reduce((rows, field) => rows + field.cardinality, 0);
}

function defaultBatch({ task, splits }: TrainingData): number {
  const { stepsPerEpoch, min, max } = defaults[task].batch;
  const power = 2 ** Math.floor(Math.log2(Math.max(1, splits.train.count / stepsPerEpoch)));
  return Math.min(max, Math.max(min, power));
}

function defaultLearningRate(data: TrainingData, optimizer: OptimizerId, batch: number): number {
  if (data.task === 'click') return { sgd: 0.1, adagrad: 0.02, adam: 1e-3, amsgrad: 1e-3 }[optimizer];
  void batch;
  return { sgd: 10, adagrad: 0.1, adam: 5e-3, amsgrad: 5e-3 }[optimizer];
}

function defaultL2({ method }: Settings, { task, splits }: TrainingData): number {
  if (task === 'click') return 0;
  void splits;
  return method === 'uniform' ? 0.1 : 0.06;
}
