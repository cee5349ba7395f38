import type { Task } from '../data/dataset.ts';
import { areaUnderCurve, estimateAuc } from './areaUnderCurve.ts';
import { estimateMean, type Interval } from './estimate.ts';
import type { RankedUser } from './ranking.ts';
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

/** Of the best RANKED_ITEMS of all items that the user does not have in training; means over users. */
export interface RankingMetrics {
  /** Normalised discounted cumulative gain. */
  readonly ndcg: number;
  readonly recall: number;
  /** Over how many users. */
  readonly users: number;
}

export type Metrics = ClickMetrics | RatingMetrics | RankingMetrics;

/** Where metrics lie with 95 % confidence, as far as the examples can tell: other seeds are not in it. */
export type MetricIntervals = Readonly<
  Partial<Record<'auc' | 'logLoss' | 'mse' | 'rmse' | 'ndcg' | 'recall', Interval>>
>;

/** Of examples with labels. */
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

/** Means over users. NaN without any. */
export function rankingMetrics(users: readonly RankedUser[]): RankingMetrics {
  const mean = (of: (user: RankedUser) => number): number =>
    users.reduce((sum, user) => sum + of(user), 0) / users.length;
  return { ndcg: mean(({ ndcg }) => ndcg), recall: mean(({ recall }) => recall), users: users.length };
}

/** Over users, by Student's t. */
export function rankingIntervals(users: readonly RankedUser[]): MetricIntervals {
  return {
    ndcg: intervalOf(estimateMean(users.map(({ ndcg }) => ndcg))),
    recall: intervalOf(estimateMean(users.map(({ recall }) => recall))),
  };
}

export function ratingMetrics({ values, labels }: Predictions): RatingMetrics {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - labels[i]) ** 2;
  const mse = squares / values.length;
  return { mse, rmse: Math.sqrt(mse) };
}

/** What the choice of weights minimises: the loss of training without its penalty, or how far a ranking is from a perfect one. */
export function lossOf(metrics: Metrics): number {
  if ('ndcg' in metrics) return 1 - metrics.ndcg;
  return 'logLoss' in metrics ? metrics.logLoss : metrics.mse;
}

/** The entropy of a biased coin in nats, which is the log loss of always predicting the base rate. */
function entropy(rate: number): number {
  return rate > 0 && rate < 1 ? -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate) : 0;
}
