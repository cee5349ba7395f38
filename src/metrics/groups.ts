import { areaUnderCurve } from './areaUnderCurve.ts';
import { type Predictions, takeExamples } from './predictions.ts';

/** The predictions of every group 0 … groups − 1, in their order. `groupOf`: of every example. */
export function groupPredictions(
  predictions: Predictions,
  groupOf: ArrayLike<number>,
  groups: number,
): readonly Predictions[] {
  const starts = new Uint32Array(groups + 1);
  for (let i = 0; i < groupOf.length; i++) starts[groupOf[i] + 1]++;
  for (let group = 0; group < groups; group++) starts[group + 1] += starts[group];
  const next = starts.slice();
  const order = new Uint32Array(groupOf.length);
  for (let i = 0; i < groupOf.length; i++) order[next[groupOf[i]]++] = i;
  return Array.from({ length: groups }, (_, group) =>
    takeExamples(predictions, order.subarray(starts[group], starts[group + 1])),
  );
}

export interface GroupedAuc {
  readonly auc: number;
  /** Groups with both labels, which alone count, and their examples. */
  readonly groups: number;
  readonly examples: number;
}

/** The mean AUC within groups, as of one user each, weighted by examples: GAUC of Zhou et al. 2018. NaN if no group has both labels. */
export function groupedAuc(groups: readonly Predictions[]): GroupedAuc {
  let [weighted, counted, examples] = [0, 0, 0];
  for (const group of groups) {
    const clicks = group.labels.reduce((sum, label) => sum + label, 0);
    if (clicks === 0 || clicks === group.labels.length) continue;
    weighted += areaUnderCurve(group) * group.labels.length;
    examples += group.labels.length;
    counted++;
  }
  return { auc: weighted / examples, groups: counted, examples };
}
