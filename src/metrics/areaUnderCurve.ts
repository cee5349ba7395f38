import { ascendingOrder } from './ascendingOrder.ts';
import type { Predictions } from './predictions.ts';

/**
 * AUC: the probability that a click is predicted above another example; equal predictions count half (Mann & Whitney 1947). Exact
 * up to the last division: pairs are counted in whole and half numbers. NaN unless both labels occur and all predictions are
 * numbers.
 */
export function areaUnderCurve({ values, labels }: Predictions): number {
  const order = ascendingOrder(values);
  const { length } = order;
  if (length > 0 && Number.isNaN(values[order[length - 1]])) return NaN;
  let negatives = 0;
  let positives = 0;
  let ordered = 0;
  for (let start = 0, end = 0; start < length; start = end) {
    const value = values[order[start]];
    let tiedPositives = 0;
    for (; end < length && values[order[end]] === value; end++) tiedPositives += labels[order[end]];
    const tiedNegatives = end - start - tiedPositives;
    ordered += tiedPositives * (negatives + tiedNegatives / 2);
    negatives += tiedNegatives;
    positives += tiedPositives;
  }
  return ordered / (negatives * positives);
}
