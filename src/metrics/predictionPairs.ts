import type { Predictions } from './predictions.ts';

/** What two models predict of the same examples, as of one seed each. */
export interface PredictionPair {
  readonly own: Predictions;
  readonly reference: Predictions;
}

/** The mean over pairs, example by example. Throws RangeError where they are not of as many examples. */
export function meanOverPairs(
  pairs: readonly PredictionPair[],
  valuesOf: (pair: PredictionPair) => Float64Array,
): Float64Array {
  const sums = new Float64Array(pairs[0]?.own.labels.length ?? 0);
  for (const pair of pairs) {
    const values = valuesOf(pair);
    if (values.length !== sums.length || pair.own.labels.length !== pair.reference.labels.length)
      throw new RangeError('the predictions are not of the same examples');
    for (let i = 0; i < sums.length; i++) sums[i] += values[i] / pairs.length;
  }
  return sums;
}
