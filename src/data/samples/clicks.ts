import { Random } from '../../random/random.ts';
import type { Dataset } from '../dataset.ts';
import { splitByHash } from '../splits.ts';
import { drawValues, idsOf, plantLatents, scorePairs, scoreSingles } from './clicksModel.ts';
import type { ClicksParameters } from './clicksParameters.ts';
import { describePlanted } from './clicksPlanted.ts';
import { encodeSample } from './encodeSample.ts';
import { areaUnderCurve, logNormalCounts, standardise } from './statistics.ts';

const minCount = 2;
/** Of the counts in the numeric columns: 5.6 standard deviations of their logarithm. */
const largestCount = 4095;

/**
 * Criteo-shaped click data from a planted factorisation machine (Rendle 2010):
 * logit = bias + Σ_{f<g} ⟨v_f, v_g⟩ + Σ_f w_f + ⟨c, numbers⟩, label ~ Bernoulli(σ(logit)).
 * Encoded as a Criteo file would be. bestPossible is the AUC of the true probabilities.
 */
export function generateClicks(parameters: ClicksParameters): Dataset {
  const startMs = performance.now();
  const { examples, logit, rows, digits } = parameters;
  const values = drawValues(parameters);
  const numbers = drawNumbers(parameters);
  const codes = idsOf(digits.field, parameters, values, minCount).idOfCode;
  const latents = plantLatents(parameters, codes);
  const pairs = standardise(scorePairs(latents, values));
  const singles = standardise(scoreSingles(latents, values));
  const trends = standardise(scoreNumbers(parameters, numbers));
  const scores = new Float64Array(examples);
  for (let i = 0; i < examples; i++) {
    scores[i] = logit.pairs * pairs[i] + logit.singles * singles[i] + logit.numbers * trends[i];
  }
  const probabilities = calibrate(scores, parameters.clickRate);

  const dataset = encodeSample({
    name: 'clicks',
    task: 'click',
    minCount,
    fields: rows.map((size, f) => ({ name: `C${f + 1}`, size })),
    numericColumns: Array.from({ length: parameters.numbers.columns }, (_, i) => ({
      name: `I${i + 1}`,
      transform: { kind: 'log' as const },
    })),
    codes: values,
    numbers,
    labels: drawLabels(parameters.seed, probabilities),
  });
  const { start, count } = dataset.splits.test;
  const value = areaUnderCurve(
    probabilities.filter((_, i) => splitByHash(i) === 2),
    dataset.labels.subarray(start, start + count),
  );
  return {
    ...dataset,
    bestPossible: { metric: 'auc', value },
    planted: describePlanted(parameters, values, minCount),
    report: {
      linesRead: examples,
      bytesRead: 0,
      skipped: [],
      warnings: [],
      sampled: false,
      minCount,
      splitBy: 'hash',
      elapsedMs: performance.now() - startMs,
    },
  };
}

/** log(x + 1) of counts x; 0 where missing. [examples, columns] */
function drawNumbers({ seed, examples, numbers }: ClicksParameters): Float32Array {
  const counts = logNormalCounts(numbers, largestCount);
  const random = new Random(seed, 'clicks.numbers');
  const logarithms = Float32Array.from({ length: largestCount + 1 }, (_, count) => Math.log(count + 1));
  const drawn = new Float32Array(examples * numbers.columns);
  for (let i = 0; i < drawn.length; i++) drawn[i] = logarithms[counts.draw(random)];
  return drawn;
}

/** ⟨c, numbers⟩. [examples] */
function scoreNumbers(
  { seed, examples, numbers: { columns } }: ClicksParameters,
  numbers: Float32Array,
): Float64Array {
  const random = new Random(seed, 'clicks.trends');
  const slopes = Float64Array.from({ length: columns }, () => random.normal());
  const scores = new Float64Array(examples);
  for (let i = 0, at = 0; i < examples; i++) {
    let score = 0;
    for (let column = 0; column < columns; column++) score += slopes[column] * numbers[at++];
    scores[i] = score;
  }
  return scores;
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

/** [examples] */
function drawLabels(seed: number, probabilities: Float64Array): Float64Array {
  const random = new Random(seed, 'clicks.labels');
  return Float64Array.from(probabilities, (probability) => (random.uniform() < probability ? 1 : 0));
}
