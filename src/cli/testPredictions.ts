import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { readColumn, readLabels } from '../data/readColumn.ts';
import type { Predictions } from '../metrics/predictions.ts';
import { sliceByPopularity } from '../metrics/slices.ts';
import { writeWhole } from './wholeFile.ts';

/** Examples of one piece of a file. */
const PIECE_EXAMPLES = 2 ** 16;

/** The test predictions of a run, with their labels: those of the first examples of the split. */
function withLabels(dataset: ReadableDataset, values: Float32Array): Predictions {
  const { start } = dataset.splits.test;
  return { values, labels: readLabels(dataset, { start, count: values.length }) };
}

/**
 * Writes example, label and prediction as CSV. Examples are counted from 0 over the data set, training and validation first; a
 * prediction is the logit of a click, or a rating, to the last bit of its float32. Rejects with WriteError.
 */
export async function writePredictions(
  path: string,
  dataset: ReadableDataset,
  values: Float32Array,
): Promise<void> {
  const { labels } = withLabels(dataset, values);
  const { start } = dataset.splits.test;
  const head = `example,label,${dataset.task === 'click' ? 'logit' : 'prediction'}\n`;
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(head)];
  for (let from = 0; from < values.length; from += PIECE_EXAMPLES) {
    const piece = values.subarray(from, from + PIECE_EXAMPLES);
    const lines = Array.from(piece, (value, i) => `${start + from + i},${labels[from + i]},${value}\n`);
    pieces.push(encoder.encode(lines.join('')));
  }
  await writeWhole(path, pieces);
}

/** A line of JSON a field: the test examples by the popularity of their value. */
export function printSlices(dataset: ReadableDataset, values: Float32Array): void {
  if (dataset.task !== 'click' && dataset.task !== 'rating') return;
  const predictions = withLabels(dataset, values);
  const range = { start: dataset.splits.test.start, count: values.length };
  for (const [field, popularity] of dataset.fields.entries()) {
    const ids = readColumn(dataset, range, field);
    const slices = sliceByPopularity(predictions, { ids, popularity }, dataset.task);
    process.stdout.write(`${JSON.stringify({ event: 'slices', field: popularity.name, slices })}\n`);
  }
}
