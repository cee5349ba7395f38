import { ascendingOrder } from './ascendingOrder.ts';
import { upperQuantile } from './distributions.ts';
import { CONFIDENCE, type Interval } from './estimate.ts';
import { type Predictions, sigmoid } from './predictions.ts';

/** Examples of like prediction. */
export interface ReliabilityBin {
  readonly examples: number;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Share of clicks, with the interval of Wilson 1927. */
  readonly observed: number;
  readonly interval: Interval;
}

/**
 * A reliability curve of as many bins of equal counts, from the least predictions to the greatest. Equal predictions are never
 * parted, so that there may be fewer. Empty where a prediction is NaN.
 */
export function reliabilityCurve(
  { values, labels }: Predictions,
  bins: number,
  confidence = CONFIDENCE,
): readonly ReliabilityBin[] {
  const order = ascendingOrder(values);
  const { length } = order;
  if (length === 0 || Number.isNaN(values[order[length - 1]])) return [];
  const curve: ReliabilityBin[] = [];
  for (let bin = 1, start = 0; bin <= bins; bin++) {
    let end = Math.round((bin * length) / bins);
    if (end <= start) continue; // a bin before has taken them
    while (end < length && values[order[end]] === values[order[end - 1]]) end++;
    let [predicted, clicks] = [0, 0];
    for (const example of order.subarray(start, end)) {
      predicted += sigmoid(values[example]);
      clicks += labels[example];
    }
    const examples = end - start;
    const interval = wilsonInterval(clicks, examples, confidence);
    curve.push({ examples, predicted: predicted / examples, observed: clicks / examples, interval });
    start = end;
  }
  return curve;
}

/** Mean distance of observed from predicted, by example. NaN of an empty curve. */
export function expectedCalibrationError(curve: readonly ReliabilityBin[]): number {
  let [distance, all] = [0, 0];
  for (const { examples, predicted, observed } of curve) {
    distance += examples * Math.abs(observed - predicted);
    all += examples;
  }
  return distance / all;
}

/** Where a share lies of which `hits` in `count` were seen. */
function wilsonInterval(hits: number, count: number, confidence: number): Interval {
  const z = upperQuantile((1 - confidence) / 2);
  const share = hits / count;
  const widening = (z * z) / count;
  const centre = (share + widening / 2) / (1 + widening);
  const reach = ((z / (1 + widening)) * Math.sqrt(share * (1 - share) + widening / 4)) / Math.sqrt(count);
  return { low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}
