import type { Dataset } from '../../data/dataset.ts';
import type { LabelScale } from '../../model/spec.ts';
import type { ModelId } from '../../settings/settings.ts';

type LabelledData = Pick<Dataset, 'labels' | 'labelMean' | 'splits'>;

/** Standard deviation of the training labels. */
export function labelDeviation({ labels, labelMean, splits }: LabelledData): number {
  const { start, count } = splits.train;
  let squares = 0;
  for (let i = start; i < start + count; i++) squares += (labels[i] - labelMean) ** 2;
  return Math.sqrt(squares / count);
}

/** What DLRM predicts numbers by; undefined: it predicts clicks, or another model predicts. */
export function labelScaleOf(
  { model }: { readonly model: ModelId },
  data: LabelledData & Pick<Dataset, 'task'>,
): LabelScale | undefined {
  if (model !== 'dlrm' || data.task === 'click') return undefined;
  return { mean: data.labelMean, deviation: labelDeviation(data) || 1 };
}
