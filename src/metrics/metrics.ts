export interface ClickMetrics {
  readonly logLoss: number;
  readonly auc: number;
  readonly accuracy: number;
  /** Accuracy of always predicting the more frequent label. */
  readonly majorityRate: number;
  /** Log loss over the entropy of the base rate. Below 1 the model is better than always predicting the base rate. */
  readonly normalizedEntropy: number;
  /** Mean prediction over base rate. */
  readonly calibration: number;
}

export interface RatingMetrics {
  readonly mse: number;
  readonly rmse: number;
}

export type Metrics = ClickMetrics | RatingMetrics;

/** What the op accumulate-metrics (program/op.ts) leaves behind after all batches of an evaluation. */
export interface MetricCounts {
  readonly examples: number;
  readonly sums: Float32Array; // [batches, 4]: loss, correct at ½, prediction, squared error
  readonly histogram: Uint32Array; // [2, bins]: negatives and positives by predicted probability
}

/**
 * AUC from a histogram: the probability that a positive is predicted above a negative. Pairs in the same bin count half (Fawcett
 * 2006, §5). NaN unless both labels occur.
 */
export function areaUnderCurve(histogram: Uint32Array): number {
  const bins = histogram.length / 2;
  let negatives = 0;
  let positives = 0;
  let ordered = 0;
  for (let bin = 0; bin < bins; bin++) {
    ordered += histogram[bins + bin] * (negatives + histogram[bin] / 2);
    negatives += histogram[bin];
    positives += histogram[bins + bin];
  }
  return ordered / (negatives * positives);
}

/** Ratios whose denominator is 0 (a split with one label only) are NaN. */
export function clickMetrics({ examples, sums, histogram }: MetricCounts): ClickMetrics {
  const logLoss = columnSum(sums, 0) / examples;
  const bins = histogram.length / 2;
  let positives = 0;
  for (let bin = 0; bin < bins; bin++) positives += histogram[bins + bin];
  const baseRate = positives / examples;
  return {
    logLoss,
    auc: areaUnderCurve(histogram),
    accuracy: columnSum(sums, 1) / examples,
    majorityRate: Math.max(baseRate, 1 - baseRate),
    normalizedEntropy: logLoss / entropy(baseRate),
    calibration: columnSum(sums, 2) / examples / baseRate,
  };
}

export function ratingMetrics({ examples, sums }: MetricCounts): RatingMetrics {
  const mse = columnSum(sums, 3) / examples;
  return { mse, rmse: Math.sqrt(mse) };
}

/** The loss that training minimises, without its penalty. */
export function lossOf(metrics: Metrics): number {
  return 'logLoss' in metrics ? metrics.logLoss : metrics.mse;
}

/** The entropy of a biased coin in nats, which is the log loss of always predicting the base rate. */
function entropy(rate: number): number {
  return rate > 0 && rate < 1 ? -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate) : 0;
}

function columnSum(sums: Float32Array, column: number): number {
  let total = 0;
  for (let i = column; i < sums.length; i += 4) total += sums[i];
  return total;
}
