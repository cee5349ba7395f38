import type { ReadableDataset } from '../../data/stored/exampleReader.ts';
import { readColumn } from '../../data/readColumn.ts';
import { findUserField } from '../../data/userField.ts';
import type { MetricIntervals, Metrics } from '../../metrics/metrics.ts';
import type { Predictions } from '../../metrics/predictions.ts';
import { reportClicks, reportRatings, type TestReport, type UserColumn } from '../../metrics/testReport.ts';

/** What is told of the test examples beside their metrics. `predictions`: of as many of the split, from its first on. */
export function reportTest(
  dataset: ReadableDataset,
  predictions: Predictions,
  metrics: Metrics,
  intervals: MetricIntervals,
): TestReport {
  if (!('logLoss' in metrics)) return reportRatings(predictions);
  return reportClicks(
    predictions,
    metrics,
    intervals.logLoss!,
    readUsers(dataset, predictions.values.length),
  );
}

function readUsers(dataset: ReadableDataset, count: number): UserColumn | undefined {
  const field = findUserField(dataset.fields);
  if (field === null) return undefined;
  const { name, rareId } = dataset.fields[field];
  return { name, rareId, ids: readColumn(dataset, { start: dataset.splits.test.start, count }, field) };
}
