import type { RunPair } from '../comparison/summary.ts';
import { formatOverExamples } from '../comparison/toReference.ts';
import { differencesOverExamples } from '../metrics/overExamples.ts';
import type { Predictions } from '../metrics/predictions.ts';
import { readLabels } from '../data/readColumn.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import type { KeptPredictions } from './keptPredictions.ts';

/** Says how runs differ from their references on the test examples: in the first metric of the task, as a mean over pairs. */
export async function compareOverExamples(
  lines: readonly ComparisonLine[],
  dataset: ReadableDataset,
  kept: KeptPredictions,
): Promise<(pairs: readonly RunPair[], digits: number) => string> {
  const { task, splits } = dataset;
  if (task !== 'click' && task !== 'rating') return () => '–';
  const predictions = new Map<string, Predictions>();
  const labels = readLabels(dataset, splits.test);
  for (const { key } of lines) {
    const values = await kept.find(key);
    if (values && values.length <= labels.length)
      predictions.set(key, { values, labels: labels.subarray(0, values.length) });
  }
  return (pairs, digits) => {
    const known = pairs.flatMap(({ own, reference }) => {
      const [a, b] = [predictions.get(own), predictions.get(reference)];
      return a && b && a.values.length === b.values.length ? [{ own: a, reference: b }] : [];
    });
    if (known.length === 0) return 'predictions not kept';
    const differences = differencesOverExamples(known, task);
    const difference = task === 'click' ? differences.auc! : differences.rmse!;
    return formatOverExamples(difference, known.length, digits);
  };
}
