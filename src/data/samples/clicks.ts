import { Random } from '../../random/random.ts';
import type { Dataset } from '../dataset.ts';
import { ExampleCollector } from '../exampleCollector.ts';
import { splitByHash } from '../split.ts';
import { areaUnderCurve, standardise } from './oracle.ts';
import { Zipf } from './zipf.ts';

export interface ClicksParameters {
  readonly seed: number;
  readonly examples: number;
  /** Mean of the true probabilities. */
  readonly clickRate: number;
  /** Rows of C1 … C26. */
  readonly rows: readonly number[];
  /** Popularity within a field: P(rank r) ∝ r^−exponent. */
  readonly zipfExponent: number;
  /**
   * Fields of at most `rows` rows have vectors of `rank` coordinates with standard deviation
   * `vector`, and single weights with standard deviation `single`; larger ones are the next level.
   */
  readonly levels: readonly {
    readonly rows: number;
    readonly rank: number;
    readonly vector: number;
    readonly single: number;
  }[];
  /** Standard deviations of the three parts of the logit: pairs of vectors, single values, numbers. */
  readonly logit: { readonly pairs: number; readonly singles: number; readonly numbers: number };
  /** Numbers are exp(N(mean, deviation²)) rounded down; the share `missing` is left out. */
  readonly numbers: {
    readonly columns: number;
    readonly mean: number;
    readonly deviation: number;
    readonly missing: number;
  };
}

/**
 * What is planted in the clicks sample: Criteo's order of field sizes, scaled down. Small fields need
 * many dims, large ones few.
 */
export const clicksParameters: ClicksParameters = {
  seed: 1,
  examples: 60_000,
  clickRate: 0.25,
  rows: [
    110, 60, 16_000, 9000, 48, 24, 280, 80, 3, 600, 200, 14_000, 160, 27, 300, 12_000, 10, 200, 130, 4,
    13_000, 18, 15, 1200, 36, 800,
  ],
  zipfExponent: 1,
  levels: [
    { rows: 22, rank: 1, vector: 0.2, single: 1 },
    { rows: 64, rank: 8, vector: 1, single: 1 },
    { rows: 1000, rank: 1, vector: 0.2, single: 0.5 },
    { rows: Infinity, rank: 1, vector: 0.2, single: 0.2 },
  ],
  logit: { pairs: 1.8, singles: 0.6, numbers: 0.6 },
  numbers: { columns: 13, mean: 1.5, deviation: 1.2, missing: 0.1 },
};

const minCount = 2;

/**
 * Criteo-shaped click data from a planted factorisation machine (Rendle 2010):
 * logit = bias + Σ_{f<g} ⟨v_f, v_g⟩ + Σ_f w_f + ⟨c, numbers⟩, label ~ Bernoulli(σ(logit)).
 * Encoded as a Criteo file would be. bestPossible is the AUC of the true probabilities.
 */
export function generateClicks(parameters: ClicksParameters): Dataset {
  const startMs = performance.now();
  const { seed, examples, logit, rows } = parameters;
  const fields = rows.length;
  const values = drawValues(parameters);
  const numbers = drawNumbers(parameters);
  const pairs = standardise(plantPairs(parameters, values));
  const singles = standardise(plantSingles(parameters, values));
  const trends = standardise(plantTrends(parameters, numbers));
  const scores = new Float64Array(examples);
  for (let i = 0; i < examples; i++) {
    scores[i] = logit.pairs * pairs[i] + logit.singles * singles[i] + logit.numbers * trends[i];
  }
  const probabilities = calibrate(scores, parameters.clickRate);

  const fieldNames = rows.map((_, f) => `C${f + 1}`);
  const numericColumns = Array.from({ length: parameters.numbers.columns }, (_, i) => `I${i + 1}`);
  const tokens = rows.map((size) => Array.from({ length: size }, (_, value) => value.toString(16)));
  const collector = new ExampleCollector(fieldNames, numericColumns, examples);
  const random = new Random(seed, 'clicks.labels');
  const cells: string[] = [];
  const columns = numericColumns.length;
  for (let i = 0; i < examples; i++) {
    const label = random.uniform() < probabilities[i] ? 1 : 0;
    for (let f = 0; f < fields; f++) cells[f] = tokens[f][values[i * fields + f]];
    const slot = collector.add(i, 0, label, numbers.subarray(i * columns, (i + 1) * columns));
    collector.setCategories(slot, cells);
  }
  const choices = { name: 'clicks', format: 'sample', task: 'click', minCount, splitBy: 'hash' } as const;
  const dataset = collector.encode(choices);

  const { start, count } = dataset.splits.test;
  const testLines = Array.from({ length: examples }, (_, i) => i).filter((i) => splitByHash(i) === 2);
  const value = areaUnderCurve(
    Float64Array.from(testLines, (line) => probabilities[line]),
    dataset.labels.subarray(start, start + count),
  );
  return {
    ...dataset,
    bestPossible: { metric: 'auc', value },
    report: {
      linesRead: examples,
      bytesRead: 0,
      skipped: [],
      sampled: false,
      minCount,
      splitBy: 'hash',
      elapsedMs: performance.now() - startMs,
    },
  };
}

/** Popularity rank of every cell. [examples, fields] */
function drawValues({ seed, examples, rows, zipfExponent }: ClicksParameters): Uint32Array {
  const values = new Uint32Array(examples * rows.length);
  for (const [f, size] of rows.entries()) {
    const zipf = new Zipf(size, zipfExponent);
    const random = new Random(seed, `clicks.values.${f}`);
    for (let i = f; i < values.length; i += rows.length) values[i] = zipf.draw(random);
  }
  return values;
}

/** log(x + 1) of counts x; 0 where missing. [examples, columns] */
function drawNumbers({ seed, examples, numbers }: ClicksParameters): Float32Array {
  const { columns, mean, deviation, missing } = numbers;
  const random = new Random(seed, 'clicks.numbers');
  return Float32Array.from({ length: examples * columns }, () => {
    const count = Math.floor(Math.exp(mean + deviation * random.normal()));
    return random.uniform() < missing ? 0 : Math.log(count + 1);
  });
}

/** Σ_{f<g} ⟨v_f, v_g⟩ = ½ Σ_c ((Σ_f v_fc)² − Σ_f v_fc²). [examples] */
function plantPairs({ seed, rows, levels }: ClicksParameters, values: Uint32Array): Float64Array {
  const fields = rows.length;
  const planted = rows.map((size) => levelOf(size, levels));
  const vectors = planted.map(({ rank, vector }, f) => {
    const random = new Random(seed, `clicks.vectors.${f}`);
    return Float64Array.from({ length: rows[f] * rank }, () => vector * random.normal());
  });
  const ranks = planted.map(({ rank }) => rank);
  const largestRank = Math.max(...ranks);
  const sums = new Float64Array(largestRank);
  return Float64Array.from({ length: values.length / fields }, (_, i) => {
    sums.fill(0);
    let squares = 0;
    for (let f = 0; f < fields; f++) {
      const rank = ranks[f];
      const at = values[i * fields + f] * rank;
      for (let c = 0; c < rank; c++) {
        const coordinate = vectors[f][at + c];
        sums[c] += coordinate;
        squares += coordinate * coordinate;
      }
    }
    return sums.reduce((total, sum) => total + sum * sum, -squares) / 2;
  });
}

function levelOf(size: number, levels: ClicksParameters['levels']) {
  return levels.find(({ rows }) => size <= rows)!;
}

/** Σ_f w_f. [examples] */
function plantSingles({ seed, rows, levels }: ClicksParameters, values: Uint32Array): Float64Array {
  const weights = rows.map((size, f) => {
    const random = new Random(seed, `clicks.weights.${f}`);
    const { single } = levelOf(size, levels);
    return Float64Array.from({ length: size }, () => single * random.normal());
  });
  const fields = rows.length;
  return Float64Array.from({ length: values.length / fields }, (_, i) =>
    weights.reduce((sum, weight, f) => sum + weight[values[i * fields + f]], 0),
  );
}

/** ⟨c, numbers⟩. [examples] */
function plantTrends(
  { seed, examples, numbers: { columns } }: ClicksParameters,
  numbers: Float32Array,
): Float64Array {
  const random = new Random(seed, 'clicks.trends');
  const slopes = Float64Array.from({ length: columns }, () => random.normal());
  return Float64Array.from({ length: examples }, (_, i) =>
    slopes.reduce((sum, slope, column) => sum + slope * numbers[i * columns + column], 0),
  );
}

/** σ(score + bias), with the bias at which the mean is `rate`, found by bisection. */
function calibrate(scores: Float64Array, rate: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  let low = -10;
  let high = 10;
  for (let step = 0; step < 20; step++) {
    const bias = (low + high) / 2;
    let sum = 0;
    for (let i = 0; i < scores.length; i++) {
      probabilities[i] = 1 / (1 + Math.exp(-(scores[i] + bias)));
      sum += probabilities[i];
    }
    if (sum > rate * scores.length) high = bias;
    else low = bias;
  }
  return probabilities;
}
