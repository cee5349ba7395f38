import type { QuantisedBits } from '../program/operand.ts';

/** A shape to train, and who trains it. */
export interface BenchmarkCase {
  readonly name: string;
  readonly group: 'small' | 'kaggle' | 'rows' | 'fields' | 'budget' | 'memory' | 'ratings';
  readonly model: 'dlrm' | 'mf';
  /** B. */
  readonly batch: number;
  /** Rows of every field. [F] */
  readonly cardinalities: readonly number[];
  readonly numericColumns: number;
  readonly dims: Dims;
  /** Hidden widths. */
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  /** Ids are drawn evenly from this many of a field's rows, spread over all of them; null: from all. */
  readonly distinctIds: number | null;
  readonly learningRate: number;
  readonly optimizer: 'sgd' | 'adagrad';
  /** Of the hidden activations that the backward pass reads; 32: floats. */
  readonly activationBits: QuantisedBits | 32;
  /** Of the dense layers’ gradients; 0: exact. */
  readonly gradientRank: number;
  readonly contenders: readonly ContenderId[];
}

/** Library and backend. */
export type ContenderId = 'dimmer/webgpu' | 'dimmer/cpu' | 'tfjs/webgpu' | 'jax-js/webgpu' | 'jax-js/wasm';

type Dims =
  | { readonly method: 'uniform'; readonly alpha: 0; readonly baseDim: number }
  /** The largest dims that fit a budget in parameters. */
  | { readonly method: 'uniform' | 'mixed-dimension'; readonly alpha: number; readonly budget: number };

const everybody: readonly ContenderId[] = [
  'dimmer/webgpu',
  'dimmer/cpu',
  'tfjs/webgpu',
  'jax-js/webgpu',
  'jax-js/wasm',
];
const ours: readonly ContenderId[] = ['dimmer/webgpu', 'dimmer/cpu'];

/** facebookresearch/dlrm bench/dlrm_s_criteo_kaggle.sh. */
const kaggleShape = {
  model: 'dlrm',
  numericColumns: 13,
  dims: { method: 'uniform', alpha: 0, baseDim: 16 },
  bottomMlp: [512, 256, 64],
  topMlp: [512, 256],
  distinctIds: null,
  learningRate: 0.1,
  optimizer: 'sgd',
  activationBits: 32,
  gradientRank: 0,
} as const satisfies Partial<BenchmarkCase>;

const FIELDS = 26;

function kaggle(batch: number, rows: number): BenchmarkCase {
  return {
    ...kaggleShape,
    name: `kaggle-${batch}-${short(rows)}`,
    group: 'kaggle',
    batch,
    cardinalities: Array<number>(FIELDS).fill(rows),
    contenders: everybody,
  };
}

/** What does a step cost when only the tables grow? Ids come from as many rows at every size. */
function rowsCase(rows: number): BenchmarkCase {
  return {
    ...kaggle(128, rows),
    name: `rows-${short(rows)}`,
    group: 'rows',
    distinctIds: 1000,
    contenders: ours,
  };
}

function fieldsCase(fields: number): BenchmarkCase {
  return {
    ...kaggle(128, 1000),
    name: `fields-${fields}`,
    group: 'fields',
    cardinalities: Array<number>(fields).fill(1000),
    contenders: ours,
  };
}

/** Criteo Kaggle's cardinalities, the largest cut off so that dims stay near Kaggle's 16. */
const LARGEST_FIELD = 10_000;
const criteoCardinalities = [
  1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10,
  5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
].map((rows) => Math.min(rows, LARGEST_FIELD));

/** Both methods at a budget of so many floats a row: at 2, uniform has D = 2 and mixed dimension D = 17. */
function equalBudget(floatsPerRow: number): readonly BenchmarkCase[] {
  const budget = floatsPerRow * criteoCardinalities.reduce((sum, rows) => sum + rows, 0);
  return [
    budgetCase(floatsPerRow, { method: 'uniform', alpha: 0, budget }),
    budgetCase(floatsPerRow, { method: 'mixed-dimension', alpha: 0.3, budget }),
  ];
}

function budgetCase(floatsPerRow: number, dims: Dims): BenchmarkCase {
  return {
    ...kaggleShape,
    name: `budget-${floatsPerRow}-${dims.method}`,
    group: 'budget',
    batch: 2048,
    cardinalities: criteoCardinalities,
    dims,
    contenders: ours,
  };
}

/** Kaggle with fewer bits of its activations, gradients of a rank, and both: what does less memory cost? */
function leanCases(batch: number): readonly BenchmarkCase[] {
  const exact = {
    ...kaggle(batch, 1000),
    name: `memory-${batch}-exact`,
    group: 'memory',
    contenders: ours,
  } as const;
  const lean = (name: string, own: Partial<BenchmarkCase>): BenchmarkCase => {
    return { ...exact, ...own, name: `memory-${batch}-${name}` };
  };
  return [
    exact,
    ...([8, 4] as const).map((activationBits) => lean(`${activationBits}bit`, { activationBits })),
    ...[1, 4, 16].map((gradientRank) => lean(`rank-${gradientRank}`, { gradientRank })),
    lean('4bit-rank-16', { activationBits: 4, gradientRank: 16 }),
  ];
}

const small: BenchmarkCase = {
  ...kaggleShape,
  name: 'small',
  group: 'small',
  batch: 256,
  cardinalities: Array<number>(8).fill(2000),
  bottomMlp: [64],
  topMlp: [64],
  contenders: everybody,
};

/** Users and items of MovieLens 1M. */
const ratings: BenchmarkCase = {
  ...kaggleShape,
  name: 'ratings',
  group: 'ratings',
  model: 'mf',
  batch: 8192,
  cardinalities: [6040, 3706],
  numericColumns: 0,
  dims: { method: 'uniform', alpha: 0, baseDim: 32 },
  contenders: everybody,
};

export const benchmarkCases: readonly BenchmarkCase[] = [
  small,
  ...[1000, 10_000, 100_000, 1_000_000].flatMap((rows) =>
    [128, 512, 2048].map((batch) => kaggle(batch, rows)),
  ),
  ...[1000, 10_000, 100_000, 500_000, 1_000_000].map(rowsCase),
  ...[4, 26, 100].map(fieldsCase),
  ...[2, 4].flatMap(equalBudget),
  ...[512, 2048].flatMap(leanCases),
  ratings,
];

/** One case of every kind that a laptop does in a minute or two. */
const quickNames = new Set(['small', 'kaggle-128-1k', 'fields-4', 'fields-26', 'rows-1k', 'rows-10k']);
export const quickCases = benchmarkCases.filter((each) => quickNames.has(each.name));

/** The same case with an optimiser, which its name ends with if it is not SGD. Throws RangeError. */
export function withOptimizer(benchmark: BenchmarkCase, optimizer: string): BenchmarkCase {
  if (optimizer !== 'sgd' && optimizer !== 'adagrad')
    throw new RangeError(`There is no optimiser ${optimizer} here: sgd or adagrad.`);
  return optimizer === benchmark.optimizer
    ? benchmark
    : { ...benchmark, optimizer, name: `${benchmark.name}-${optimizer}` };
}

/** Groups whose cases are compared with one another. */
const comparedGroups = new Set<BenchmarkCase['group']>(['rows', 'fields', 'budget', 'memory']);

/** Cases that take turns in the same rounds, so that their ratio does not see the machine's load drift. */
export function intoSeries(cases: readonly BenchmarkCase[]): readonly (readonly BenchmarkCase[])[] {
  const series: BenchmarkCase[][] = [];
  for (const each of cases) {
    const last = series.at(-1);
    if (last?.[0].group === each.group && last[0].batch === each.batch && comparedGroups.has(each.group))
      last.push(each);
    else series.push([each]);
  }
  return series;
}

function short(rows: number): string {
  if (rows >= 1_000_000) return `${rows / 1_000_000}M`;
  return rows >= 1000 ? `${rows / 1000}k` : String(rows);
}
