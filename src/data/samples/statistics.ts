import type { Random } from '../../random/random.ts';

/** Outcomes 0 … weights.length−1 with probability ∝ weight; one word a draw, about two comparisons. */
export class Discrete {
  readonly #cumulative: Float64Array; // [outcomes], the last is 1
  /** The first outcome whose cumulative probability exceeds bucket / buckets. */
  readonly #first: Uint32Array; // [buckets]

  constructor(weights: Float64Array) {
    const outcomes = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#cumulative = new Float64Array(outcomes);
    this.#first = new Uint32Array(outcomes);
    let sum = 0;
    let bucket = 0;
    for (let outcome = 0; outcome < outcomes; outcome++) {
      sum += weights[outcome];
      const cumulative = outcome === outcomes - 1 ? 1 : sum / total;
      this.#cumulative[outcome] = cumulative;
      while (bucket < outcomes && bucket / outcomes < cumulative) this.#first[bucket++] = outcome;
    }
  }

  draw(random: Random): number {
    const target = random.uniform();
    let outcome = this.#first[Math.floor(target * this.#first.length)];
    while (this.#cumulative[outcome] <= target) outcome++;
    return outcome;
  }
}

/** Ranks 0 … size−1 with probability ∝ (rank + 1)^−exponent. */
export function zipf(size: number, exponent: number): Discrete {
  return new Discrete(Float64Array.from({ length: size }, (_, rank) => (rank + 1) ** -exponent));
}

/** Counts 0 … largest, the whole parts of exp(N(mean, deviation²)); the share `missing` reads as 0. */
export function logNormalCounts(
  {
    mean,
    deviation,
    missing,
  }: { readonly mean: number; readonly deviation: number; readonly missing: number },
  largest: number,
): Discrete {
  const below = (count: number) => normalCdf((Math.log(count) - mean) / deviation);
  const weights = Float64Array.from({ length: largest + 1 }, (_, count) =>
    Math.max(0, (1 - missing) * (below(count + 1) - below(count))),
  );
  weights[0] += missing;
  return new Discrete(weights);
}

/** Abramowitz & Stegun 1964, 7.1.26; absolute error below 1e-7. */
export function normalCdf(x: number): number {
  if (x === -Infinity) return 0;
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = (series * Math.exp((-x * x) / 2)) / 2;
  return x > 0 ? 1 - upper : upper;
}

/** Area under the ROC curve of scores against 0/1 labels; equal scores count half. Mann & Whitney 1947. */
export function areaUnderCurve(scores: Float64Array, labels: ArrayLike<number>): number {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    const meanRank = (start + end + 1) / 2;
    for (let i = start; i < end; i++) {
      if (labels[order[i]] === 1) {
        positives++;
        rankSum += meanRank;
      }
    }
  }
  const negatives = order.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export function rootMeanSquare(errors: Float64Array): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
}

/** Standard deviation 1, mean 0, in place; all zeros stay zeros. */
export function standardise(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  for (let i = 0; i < values.length; i++) values[i] = deviation === 0 ? 0 : (values[i] - mean) / deviation;
  return values;
}
