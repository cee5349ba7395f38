import { ascendingOrder } from './ascendingOrder.ts';
import {
  CONFIDENCE,
  type Difference,
  type Estimate,
  estimate,
  estimateDifference,
  meanAndVariance,
} from './estimate.ts';
import { subtract } from './pairedDifference.ts';
import { meanOverPairs, type PredictionPair } from './predictionPairs.ts';
import type { Predictions } from './predictions.ts';

/**
 * AUC: the probability that a click is predicted above another example; equal predictions count half (Mann & Whitney 1947). Exact
 * up to the last division: pairs are counted in whole and half numbers. NaN unless both labels occur and all predictions are
 * numbers.
 */
export function areaUnderCurve(predictions: Predictions): number {
  let [ordered, negatives, positives] = [0, 0, 0];
  visitTies(predictions, ascendingNumbers(predictions.values), (start, end, clicks) => {
    const others = end - start - clicks;
    ordered += clicks * (negatives + others / 2);
    negatives += others;
    positives += clicks;
  });
  return ordered / (negatives * positives);
}

/**
 * AUC with its interval by DeLong, DeLong & Clarke-Pearson 1988, in O(n log n) as by Sun & Xu 2014, cut at 0 and 1. NaN unless
 * there are two examples of each label.
 */
export function estimateAuc(predictions: Predictions, confidence = CONFIDENCE): Estimate {
  const { mean, standardError } = overLabels(placements(predictions), predictions.labels);
  const { value, low, high } = estimate(mean, standardError, { confidence });
  return { value, standardError, low: Math.max(0, low), high: Math.min(1, high) };
}

/**
 * The AUC of `a` minus that of `b` on the same examples, by DeLong's paired test. Throws RangeError if their labels are not the
 * same.
 */
export function compareAucs(a: Predictions, b: Predictions, confidence = CONFIDENCE): Difference {
  return compareMeanAucs([{ own: a, reference: b }], confidence);
}

/** The same of means over pairs: what DeLong's test is made of is a mean over examples, pair by pair. Throws RangeError. */
export function compareMeanAucs(pairs: readonly PredictionPair[], confidence = CONFIDENCE): Difference {
  const [first] = pairs;
  if (!first) throw new RangeError('there is no pair to compare');
  const { labels } = first.own;
  for (const { labels: others } of pairs.flatMap(({ own, reference }) => [own, reference]))
    if (labels.length !== others.length || labels.some((label, i) => label !== others[i]))
      throw new RangeError('the predictions are not of the same examples');
  const apart = meanOverPairs(pairs, ({ own, reference }) =>
    subtract(placements(own), placements(reference)),
  );
  const { mean, standardError } = overLabels(apart, labels);
  return estimateDifference(mean, standardError, { confidence });
}

/**
 * Of every example the share of those with the other label that it is on the right side of, ties halved: DeLong's structural
 * components V10 of positives and V01 of negatives, whose means over either label are the AUC. [examples]
 */
function placements(predictions: Predictions): Float64Array {
  const { labels } = predictions;
  const own = new Float64Array(labels.length).fill(NaN);
  const allPositives = labels.reduce((sum, label) => sum + label, 0);
  const allNegatives = labels.length - allPositives;
  let [negatives, positives] = [0, 0];
  const order = ascendingNumbers(predictions.values);
  visitTies(predictions, order, (start, end, clicks) => {
    const others = end - start - clicks;
    const below = (negatives + others / 2) / allNegatives;
    const above = 1 - (positives + clicks / 2) / allPositives;
    for (let i = start; i < end; i++) own[order[i]] = labels[order[i]] === 1 ? below : above;
    negatives += others;
    positives += clicks;
  });
  return own;
}

/** The mean of placements, whose variance is the sum of what each label adds. */
function overLabels(
  values: Float64Array,
  labels: Float32Array,
): { readonly mean: number; readonly standardError: number } {
  const positives = values.filter((_, i) => labels[i] === 1);
  const ofPositives = meanAndVariance(positives);
  const ofNegatives = meanAndVariance(values.filter((_, i) => labels[i] !== 1));
  const variance =
    ofPositives.variance / positives.length + ofNegatives.variance / (values.length - positives.length);
  return { mean: ofPositives.mean, standardError: Math.sqrt(variance) };
}

/** The order of predictions; empty, if one is NaN. */
function ascendingNumbers(values: Float32Array): Uint32Array {
  const order = ascendingOrder(values);
  const hasNaN = order.length > 0 && Number.isNaN(values[order[order.length - 1]]);
  return hasNaN ? new Uint32Array() : order;
}

/** Visits every range of `order` whose predictions are equal, with the clicks in it. */
function visitTies(
  { values, labels }: Predictions,
  order: Uint32Array,
  visit: (start: number, end: number, clicks: number) => void,
): void {
  for (let start = 0, end = 0; start < order.length; start = end) {
    const value = values[order[start]];
    let clicks = 0;
    for (; end < order.length && values[order[end]] === value; end++) clicks += labels[order[end]];
    visit(start, end, clicks);
  }
}
