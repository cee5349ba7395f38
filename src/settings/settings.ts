import { methodSettings } from './methodSettings.ts';
import { choice, number, type Setting } from './setting.ts';

/**
 * Everything that decides a run, as one flat record. settingTable below describes each setting once: the form, the
 * flags of the command line, links, validation and undo follow from it.
 * null means "chosen for the data set": see training/plan/resolveSettings.ts.
 */
export interface Settings {
  readonly method: MethodId;
  readonly alpha: number;
  /** Hard cap on what the embedding layer stores, in parameters. null: see defaultBudget.ts. */
  readonly budget: number | null;
  readonly blocks: number;
  readonly popularity: Popularity;
  readonly allocation: AllocationId;
  readonly warmupSteps: number | null;
  readonly rounding: Rounding;
  readonly maxDim: number;
  /** D of the methods that do not choose it themselves. */
  readonly vectorDim: number;
  /** Fields with a method of their own, as 'C3=full,C9=hashing'; the others have `method`. */
  readonly fieldMethods: string;
  readonly threshold: number;
  readonly combine: Combine;
  readonly partitions: number;
  /** c: a first partition has ⌈n/c⌉ rows. null: as few as the budget allows. */
  readonly collisions: number | null;
  /** Z. */
  readonly chunk: number;
  /** K. */
  readonly minhashes: number;
  /** Share of a field's rows that popular ids keep for themselves. null: half. */
  readonly hotShare: number | null;
  readonly pruneEpochs: number | null;
  /** h of the MLPs of the path method. */
  readonly pathWidth: number;
  /** k. */
  readonly hashes: number;
  /** L. */
  readonly hiddenLayers: number;
  /** h of a decoder; null: as wide as the budget allows. */
  readonly hiddenWidth: number | null;
  /** r of tensor-train cores; null: as large as the budget allows. */
  readonly rank: number | null;
  readonly model: ModelId | null;
  readonly bottomMlp: string;
  readonly topMlp: string;
  readonly ncfMlp: string;
  readonly rankingLoss: RankingLossId | null;
  /** Sampled for every positive, in every epoch anew. */
  readonly negatives: number | null;
  readonly negativeSampling: NegativeSampling;
  readonly optimizer: OptimizerId | null;
  readonly learningRate: number | null;
  readonly batch: number | null;
  /**
   * What a run may allocate on the device at its peak, in MB of 10^6 bytes. Activation bits, gradient rank and batch
   * are lowered until the run fits, where they are null: see training/plan/fitMemory.ts. null: no limit.
   */
  readonly trainMemory: number | null;
  /** k of the dense layers' gradients; 0: exact gradients. null: exact, if the limit allows. */
  readonly gradientRank: number | null;
  /** Bits of the hidden activations that the backward pass reads; 32: floats. null: these, if the limit allows. */
  readonly activationBits: ActivationBits | null;
  readonly exactLayers: string;
  readonly epochs: number | null;
  readonly patience: number | null;
  readonly evaluateEvery: number | null;
  /** λ of λ·mean ‖e‖². */
  readonly l2: number | null;
  readonly tableInit: TableInit | null;
  readonly postTraining: PostTraining;
  readonly seed: number;
  readonly backend: BackendId | null;
}

/** The compression methods as people know them, by id. */
export const methodLabels = {
  full: 'Full',
  uniform: 'Uniform',
  'low-rank': 'Low rank',
  'mixed-dimension': 'Mixed dimension',
  hashing: 'Hashing trick',
  'quotient-remainder': 'Quotient–remainder',
  'mixed-radix': 'Mixed radix',
  'chinese-remainder': 'Chinese remainder',
  path: 'Path',
  'hashed-net': 'HashedNet',
  robe: 'ROBE',
  lma: 'LMA',
  'deep-hash': 'Deep hash',
  'frequency-split': 'Frequency split',
  prune: 'Pruning',
  pep: 'PEP',
  'tensor-train': 'Tensor train',
  int8: 'Int8',
  int4: 'Int4',
} as const;

export type MethodId = keyof typeof methodLabels;
export type ActivationBits = '32' | '16' | '8' | '4';
export type Combine = 'multiply' | 'add' | 'concatenate';
export type Popularity = 'rows' | 'empirical';
export type AllocationId = 'popularity' | 'spectral';
export type Rounding = 'none' | 'integer' | 'power-of-two';
export type ModelId = 'dlrm' | 'mf' | 'ncf';
export type RankingLossId = 'bpr' | 'log-loss';
export type NegativeSampling = 'uniform' | 'popularity';
export type OptimizerId = 'sgd' | 'adagrad' | 'adam' | 'amsgrad';
export type TableInit = 'xavier' | 'dlrm' | 'identity';
export type PostTraining = 'none' | 'int8' | 'int4';
export type BackendId = 'cpu' | 'webgpu';

export const settingTable: Readonly<Record<keyof Settings, Setting>> = {
  method: choice('m', 'Method', 'mixed-dimension', methodLabels, 'How ids become vectors.'),
  alpha: number(
    'a',
    'Temperature α',
    0.3,
    [0, 1],
    'A row’s dim grows with the α-th power of its popularity; 0 is uniform.',
    { step: 0.01, integer: false },
  ),
  budget: number(
    'b',
    'Memory budget',
    null,
    [16, 2 ** 32],
    'Hard cap on the parameters that the embedding layer stores.',
    { scale: 'log' },
  ),
  blocks: number(
    'k',
    'Popularity blocks',
    1,
    [1, 16],
    'Blocks of equal popularity mass within each field; 1: a block per field.',
  ),
  popularity: choice(
    'p',
    'Popularity',
    'rows',
    { rows: '1 / rows', empirical: 'Lookups / rows' },
    'Probability that a lookup hits one given row of a block.',
  ),
  allocation: choice(
    'al',
    'Dims by',
    'popularity',
    { popularity: 'Popularity and α', spectral: 'Spectra of a warm-up run' },
    'Spectral: a short run with full tables shows how many directions the rows of each block use, and α is not read.',
  ),
  warmupSteps: number(
    'ws',
    'Warm-up steps',
    null,
    [1, 1e6],
    'Steps of the run with full tables whose spectra choose the dims.',
    { scale: 'log' },
  ),
  rounding: choice(
    'r',
    'Rounding',
    'integer',
    { none: 'None', integer: 'Integer', 'power-of-two': 'Power of two' },
    'Dims that are trained are integers; “none”, in dimmer allocate, shows the rule before rounding.',
  ),
  maxDim: number('x', 'Largest dim', 1024, [1, 4096], 'Cap on the base dim D.', { scale: 'log' }),
  ...methodSettings,
  model: choice(
    'o',
    'Model',
    null,
    { dlrm: 'DLRM', mf: 'Matrix factorisation', ncf: 'NCF' },
    'DLRM for clicks, and for numbers to predict from columns of numbers; matrix factorisation or NCF for ratings of items by users, and to rank items for them.',
  ),
  bottomMlp: {
    type: 'layers',
    key: 'bm',
    label: 'Bottom MLP',
    default: '64',
    help: 'Hidden widths between the numeric columns and D, as 512-256-64.',
  },
  topMlp: {
    type: 'layers',
    key: 'tm',
    label: 'Top MLP',
    default: '64-32',
    help: 'Hidden widths between the interactions and the logit, as 512-256.',
  },
  ncfMlp: {
    type: 'layers',
    key: 'nm',
    label: 'NCF MLP',
    default: '128-128-32',
    help: 'Hidden widths between the vectors of user and item and the score.',
  },
  rankingLoss: choice(
    'rl',
    'Ranking loss',
    null,
    { bpr: 'BPR', 'log-loss': 'Log loss' },
    'Where only what happened is known. BPR: a positive before a sampled negative; log loss: positives are 1, negatives 0.',
  ),
  negatives: number(
    'ng',
    'Negatives',
    null,
    [1, 64],
    'Items sampled for every positive, in every epoch anew, from those that the user does not have in training.',
    { scale: 'log' },
  ),
  negativeSampling: choice(
    'ns',
    'Negatives by',
    'uniform',
    { uniform: 'All alike', popularity: 'Popularity to the 0.75' },
    'How likely an item is to be sampled as a negative.',
  ),
  optimizer: choice(
    'op',
    'Optimiser',
    null,
    { sgd: 'SGD', adagrad: 'Adagrad (row-wise)', adam: 'Adam', amsgrad: 'AMSGrad' },
    'Adam and AMSGrad move only the rows of the batch.',
  ),
  learningRate: number('lr', 'Learning rate', null, [1e-6, 1e6], 'Step size.', {
    scale: 'log',
    integer: false,
    step: 1e-6,
  }),
  batch: number('n', 'Batch', null, [1, 65536], 'Examples in one step.', { scale: 'log' }),
  trainMemory: number(
    'mb',
    'Training memory',
    null,
    [0.001, 1e6],
    'What a run may allocate in all, examples included: what is left on auto of activation bits, gradient rank and batch gives way.',
    { scale: 'log', step: 0.001, integer: false, unit: 'MB', unset: 'none' },
  ),
  gradientRank: number(
    'gr',
    'Gradient rank',
    null,
    [0, 64],
    'Rank of the dense layers’ gradients, which are then carried from batch to batch; 0 keeps them exact.',
  ),
  activationBits: choice(
    'ab',
    'Activation bits',
    null,
    { '32': '32, exact', '16': '16', '8': '8', '4': '4' },
    'Bits that training keeps of a hidden activation; below 32 the gradients of weights are approximate.',
  ),
  exactLayers: {
    type: 'names',
    key: 'xl',
    label: 'Exact layers',
    default: '',
    help: 'Layers whose activations are kept exact whatever the bits, as top.0,embedding.',
  },
  epochs: number('e', 'Epochs', null, [1, 1000], 'Passes over the training split, at most.'),
  patience: number(
    'pa',
    'Patience',
    null,
    [0, 1000],
    'Evaluations without improvement before stopping; 0 never stops early.',
  ),
  evaluateEvery: number(
    'ev',
    'Evaluate every',
    null,
    [1, 1e6],
    'Training steps between evaluations on the validation split.',
    { scale: 'log' },
  ),
  l2: number('l2', 'L2 penalty', null, [0, 10], 'Weight of the mean squared norm of the looked-up vectors.', {
    step: 0.001,
    integer: false,
  }),
  tableInit: choice(
    'ti',
    'Table start',
    null,
    {
      xavier: 'Xavier uniform',
      dlrm: 'U(±√(1/rows)), as DLRM',
      identity: 'Normal, projections [I 0]',
    },
    'Initial values of tables and projections.',
  ),
  postTraining: choice(
    'pt',
    'After training',
    'none',
    { none: 'Leave the tables', int8: 'Quantise to int8', int4: 'Quantise to int4' },
    'Rounds the rows of the trained tables; the run’s metrics and parameters are those of the rounded model.',
  ),
  seed: number('s', 'Seed', 1, [0, 2 ** 32 - 1], 'Same seed, same device, same bits.'),
  backend: choice(
    'be',
    'Backend',
    null,
    { cpu: 'CPU', webgpu: 'WebGPU' },
    'WebGPU where there is a real adapter, otherwise the CPU.',
  ),
};

export const defaultSettings: Settings = Object.fromEntries(
  Object.entries(settingTable).map(([name, setting]) => [name, setting.default]),
) as unknown as Settings;
