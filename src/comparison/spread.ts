/** Several values of the same thing: the seeds of one setting. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); null for fewer than two values, which say nothing of it. */
  readonly deviation: number | null;
  readonly min: number;
  readonly max: number;
}

/** null for no values. Two passes: the values are close together and far from zero. */
export function spreadOf(values: readonly number[]): Spread | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : null;
  return { count, mean, deviation, min: Math.min(...values), max: Math.max(...values) };
}

/** 0.7631 ± 0.0041 */
export function formatSpread({ mean, deviation }: Spread, digits: number): string {
  const shown = mean.toFixed(digits);
  return deviation === null ? shown : `${shown} ± ${deviation.toFixed(digits)}`;
}
