import type { Task } from '../data/dataset.ts';
import { areaUnderCurve, estimateAuc } from './areaUnderCurve.ts';
import { estimateMean, type Interval } from './estimate.ts';
import { logLosses, type Predictions, sigmoid, softplus, squaredErrors } from './predictions.ts';

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

/** Where metrics lie with 95 % confidence, as far as the examples can tell: other seeds are not in it. */
export type MetricIntervals = Readonly<Partial<Record<'auc' | 'logLoss' | 'mse' | 'rmse', Interval>>>;

export function measure(predictions: Predictions, task: Task): Metrics {
  return task === 'click' ? clickMetrics(predictions) : ratingMetrics(predictions);
}

/** Of AUC by DeLong, of losses as means over examples. NaN where a metric is. */
export function measureIntervals(predictions: Predictions, task: Task): MetricIntervals {
  if (task === 'click')
    return {
      auc: intervalOf(estimateAuc(predictions)),
      logLoss: intervalOf(estimateMean(logLosses(predictions))),
    };
  const mse = intervalOf(estimateMean(squaredErrors(predictions)));
  return { mse, rmse: { low: Math.sqrt(Math.max(0, mse.low)), high: Math.sqrt(mse.high) } };
}

function intervalOf({ low, high }: Interval): Interval {
  return { low, high };
}

/**
 * The metrics of predicted clicks, summed in float64. Ratios whose denominator is 0 (a split with one label only) are NaN; where a
 * prediction is NaN, so is all but the majority rate.
 */
export function clickMetrics(predictions: Predictions): ClickMetrics {
  const { values, labels } = predictions;
  const examples = values.length;
  let [loss, correct, predicted, positives] = [0, 0, 0, 0];
  for (let i = 0; i < examples; i++) {
    const margin = labels[i] === 1 ? values[i] : -values[i];
    loss += softplus(-margin);
    predicted += sigmoid(values[i]);
    positives += labels[i];
    if (values[i] >= 0 === (labels[i] === 1)) correct++;
  }
  const logLoss = loss / examples;
  const baseRate = positives / examples;
  return {
    logLoss,
    auc: areaUnderCurve(predictions),
    accuracy: Number.isNaN(loss) ? NaN : correct / examples,
    majorityRate: Math.max(baseRate, 1 - baseRate),
    normalizedEntropy: logLoss / entropy(baseRate),
    calibration: predicted / positives,
  };
}

export function ratingMetrics({ values, labels }: Predictions): RatingMetrics {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - labels[i]) ** 2;
  const mse = squares / values.length;
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
