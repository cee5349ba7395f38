import type { ReadableDataset } from '../../data/stored/exampleReader.ts';
import { labelDeviationOf } from '../../data/stored/labelDeviation.ts';
import type { LabelScale } from '../../model/spec.ts';
import type { ModelId } from '../../settings/settings.ts';

/** What DLRM predicts numbers by; undefined: it predicts clicks, or another model predicts. */
export function labelScaleOf(
  { model }: { readonly model: ModelId },
  data: ReadableDataset,
): LabelScale | undefined {
  if (model !== 'dlrm' || data.task === 'click') return undefined;
  return { mean: data.labelMean, deviation: labelDeviationOf(data) || 1 };
}
