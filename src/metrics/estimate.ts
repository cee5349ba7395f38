import { upperQuantile, upperTail } from './distributions.ts';

/** Where a value lies with the confidence that was asked for. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What a sample says of a value. NaN where it has too few examples to say it. */
export interface Estimate extends Interval {
  readonly value: number;
  readonly standardError: number;
}

/** A difference of two values, on the same examples or the same seeds. */
export interface Difference extends Estimate {
  /** Two-sided: how probable a difference at least as large is where there is none. */
  readonly pValue: number;
}

export const CONFIDENCE = 0.95;

/** `degrees` of freedom of the standard error: Infinity, where it is that of a large sample. */
export function estimate(
  value: number,
  standardError: number,
  { confidence = CONFIDENCE, degrees = Infinity } = {},
): Estimate {
  const reach = upperQuantile((1 - confidence) / 2, degrees) * standardError;
  return { value, standardError, low: value - reach, high: value + reach };
}

/** Without any deviation the difference is certain, and its p-value 0, or 1 where it is 0. */
export function estimateDifference(
  value: number,
  standardError: number,
  { confidence = CONFIDENCE, degrees = Infinity } = {},
): Difference {
  const own = estimate(value, standardError, { confidence, degrees });
  const isCertain = standardError === 0 && value === 0;
  const pValue = isCertain ? 1 : 2 * upperTail(Math.abs(value) / standardError, degrees);
  return { ...own, pValue };
}

/** Whether the interval leaves out 0. If not, no effect is shown. */
export function showsEffect({ low, high }: Interval): boolean {
  return low > 0 || high < 0;
}

/** Sums in two passes: values may be close together and far from 0. `variance`: of the sample, n − 1. */
export function meanAndVariance(values: ArrayLike<number>): {
  readonly mean: number;
  readonly variance: number;
} {
  const { length } = values;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < length; i++) sum += values[i];
  const mean = sum / length;
  for (let i = 0; i < length; i++) squares += (values[i] - mean) ** 2;
  return { mean, variance: length > 1 ? squares / (length - 1) : NaN };
}

/** The mean of what the values are a sample of, by Student's t. */
export function estimateMean(values: ArrayLike<number>, confidence = CONFIDENCE): Estimate {
  const { mean, variance } = meanAndVariance(values);
  const degrees = values.length - 1;
  return estimate(mean, Math.sqrt(variance / values.length), { confidence, degrees });
}
