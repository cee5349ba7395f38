import { Random } from '../random/random.ts';
import { CONFIDENCE, type Estimate, meanAndVariance } from './estimate.ts';

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples?: number;
  readonly confidence?: number;
}

export interface BootstrapEstimate extends Estimate {
  /** How many resamples had a value: one without clicks has no AUC, and is left out. */
  readonly resamples: number;
}

/**
 * Any statistic of `examples` examples, by the percentile bootstrap (Efron & Tibshirani 1993, §13.3): `statistic` is computed of
 * examples drawn with replacement. For a difference of two models it reads the predictions of both; for one by users, examples are
 * users. The same seed gives the same interval.
 */
export function bootstrap(
  examples: number,
  statistic: (drawn: Uint32Array) => number,
  { seed, resamples = 1000, confidence = CONFIDENCE }: BootstrapOptions,
): BootstrapEstimate {
  const random = new Random(seed, 'bootstrap');
  const drawn = Uint32Array.from({ length: examples }, (_, i) => i);
  const value = statistic(drawn);
  const replicates = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < examples; i++) drawn[i] = random.below(examples);
    replicates[resample] = statistic(drawn);
  }
  const sorted = replicates.filter((replicate) => !Number.isNaN(replicate)).sort();
  const tail = (1 - confidence) / 2;
  return {
    value,
    standardError: Math.sqrt(meanAndVariance(sorted).variance),
    low: quantileOf(sorted, tail),
    high: quantileOf(sorted, 1 - tail),
    resamples: sorted.length,
  };
}

/** Between the two nearest of ascending values, in proportion: type 7 of Hyndman & Fan 1996. */
function quantileOf(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  return below + (at - Math.floor(at)) * (above - below);
}
