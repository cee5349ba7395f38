import { readColumn, readLabels } from '../data/readColumn.ts';
import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { differencesOverExamples, type ExampleDifferences } from '../metrics/overExamples.ts';
import { sliceByPopularity, type Slice } from '../metrics/slices.ts';

/** What is to be told of the test predictions of a run. */
export interface InspectionRequest {
  readonly runId: string;
  /** By the popularity of whose values the examples are sliced. */
  readonly field: number;
  readonly predictions: Float32Array;
  /** Of another run, on the same examples; null: there is none. */
  readonly reference: Float32Array | null;
}

export interface Inspection {
  readonly field: number;
  readonly examples: number;
  /** To the reference, over the examples; null without one. */
  readonly differences: ExampleDifferences | null;
  readonly slices: readonly Slice[];
}

/** Rests between its parts, each a few sorts of the predictions. null: they are not of this data set, or nothing is predicted of its examples. */
export async function inspectRun(
  dataset: ReadableDataset,
  { field, predictions, reference }: Omit<InspectionRequest, 'runId'>,
  yieldThread: () => Promise<void>,
): Promise<Inspection | null> {
  const { splits, fields, task } = dataset;
  const { start, count } = splits.test;
  const examples = predictions.length;
  if (task === 'ranking' || examples > count || !fields[field]) return null;
  const labels = readLabels(dataset, { start, count: examples });
  const labelled = (values: Float32Array) => ({ values, labels });
  const own = labelled(predictions);
  const other = reference?.length === examples ? labelled(reference) : undefined;
  const differences = other ? differencesOverExamples([{ own, reference: other }], task) : null;
  await yieldThread();
  const sliced = { ids: readColumn(dataset, { start, count: examples }, field), popularity: fields[field] };
  const slices = sliceByPopularity(own, sliced, task, other);
  return { field, examples, differences, slices };
}
