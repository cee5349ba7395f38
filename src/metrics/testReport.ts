import { estimate, estimateMean, type Interval, meanAndVariance } from './estimate.ts';
import { groupedAuc, type GroupedAuc, groupPredictions } from './groups.ts';
import type { ClickMetrics } from './metrics.ts';
import { mapExamples, type Predictions, sigmoid } from './predictions.ts';
import { expectedCalibrationError, type ReliabilityBin, reliabilityCurve } from './reliability.ts';

/** A value with its 95 % interval over examples. */
export interface Reported extends Interval {
  readonly value: number;
}

/** What is told of the examples of a test split beside their metrics, in a size that does not grow with them. */
export type TestReport = ClickReport | RatingReport;

export interface ClickReport {
  readonly examples: number;
  readonly baseRate: number;
  readonly normalizedEntropy: Reported;
  readonly calibration: Reported;
  readonly accuracy: Reported;
  /** Of reliability, at most RELIABILITY_BINS bins of equal counts. */
  readonly calibrationError: number;
  readonly reliability: readonly ReliabilityBin[];
  readonly perUser?: UserAuc;
}

export interface RatingReport {
  readonly examples: number;
  readonly meanLabel: number;
  readonly meanAbsoluteError: Reported;
}

/** The mean AUC within users, and the column that names them. */
export interface UserAuc extends GroupedAuc {
  readonly column: string;
}

/** A column that names users, at every example. */
export interface UserColumn {
  readonly name: string;
  readonly ids: Uint32Array; // [examples]
  /** Stands for several users, who are left out. */
  readonly rareId: number;
}

const RELIABILITY_BINS = 10;

/** `metrics`, with the interval of their log loss, are of the same predictions. */
export function reportClicks(
  predictions: Predictions,
  { logLoss, normalizedEntropy, calibration }: ClickMetrics,
  logLossInterval: Interval,
  users?: UserColumn,
): ClickReport {
  const { labels } = predictions;
  const examples = labels.length;
  const baseRate = labels.reduce((sum, label) => sum + label, 0) / examples;
  const scale = normalizedEntropy / logLoss;
  const reliability = reliabilityCurve(predictions, RELIABILITY_BINS);
  return {
    examples,
    baseRate,
    // The base rate is that of these examples, and taken for known.
    normalizedEntropy: {
      value: normalizedEntropy,
      low: scale * logLossInterval.low,
      high: scale * logLossInterval.high,
    },
    calibration: estimateCalibration(predictions, calibration, baseRate),
    accuracy: reported(estimateMean(mapExamples(predictions, isRight))),
    calibrationError: expectedCalibrationError(reliability),
    reliability,
    ...(users && { perUser: aucPerUser(predictions, users) }),
  };
}

export function reportRatings(predictions: Predictions): RatingReport {
  return {
    examples: predictions.values.length,
    meanLabel: meanAndVariance(predictions.labels).mean,
    meanAbsoluteError: reported(
      estimateMean(mapExamples(predictions, (value, label) => Math.abs(value - label))),
    ),
  };
}

/** 1 or 0; NaN where the prediction is. */
function isRight(value: number, label: number): number {
  return Number.isNaN(value) ? NaN : Number(value >= 0 === (label === 1));
}

/** A ratio R of two means, by the delta method: its variance is that of (prediction − R·label) / base rate, over examples. */
function estimateCalibration(predictions: Predictions, ratio: number, baseRate: number): Reported {
  const parts = mapExamples(predictions, (value, label) => (sigmoid(value) - ratio * label) / baseRate);
  return reported(estimate(ratio, Math.sqrt(meanAndVariance(parts).variance / parts.length)));
}

function aucPerUser(predictions: Predictions, { name, ids, rareId }: UserColumn): UserAuc {
  const users = ids.reduce((most, id) => Math.max(most, id), 0) + 1;
  const groups = groupPredictions(predictions, ids, users);
  return { column: name, ...groupedAuc(groups.filter((_, user) => user !== rareId)) };
}

function reported({ value, low, high }: Reported): Reported {
  return { value, low, high };
}
