import type { EncodedLines, EncodeLinesOptions, KnownEncoding, LinesReport } from '../../data/encodeLines.ts';
import { encodeLines } from '../../data/encodeLines.ts';
import type { DataSource } from '../../data/source.ts';
import { measure, type Metrics } from '../../metrics/metrics.ts';
import { excerpt } from '../../validation/excerpt.ts';
import { TrainingError } from '../events/errors.ts';
import type { SavedRun } from '../weights/runFile.ts';
import { PredictionLog } from './predictionLog.ts';
import type { Scorer } from './scorer.ts';

export interface ScoredLines extends EncodedLines {
  /** Logits of clicks, or ratings. */
  readonly scores: Float32Array; // [count]
}

export interface ScoreReport extends LinesReport {
  readonly scored: number;
  /** Of the lines with a label, as far as they are measured; null: there are none. */
  readonly metrics: Metrics | null;
  readonly labelled: number;
  /** Lines that the metrics are of: the first ones with a label, where they are more than can be held. */
  readonly measured: number;
}

/**
 * Scores a file line by line, in its order and in bounded memory. Throws DataError, TrainingError, BackendError, and the signal's
 * reason when aborted.
 */
export async function* scoreLines(
  saved: SavedRun,
  scorer: Scorer,
  source: DataSource,
  options: Omit<EncodeLinesOptions, 'chunk'>,
): AsyncGenerator<ScoredLines, ScoreReport, void> {
  const known = await readEncoding(saved);
  const log = new PredictionLog();
  const lines = encodeLines(source, known, { ...options, chunk: scorer.capacity });
  let scored = 0;
  for (let next = await lines.next(); ; next = await lines.next()) {
    if (next.done) {
      const { task } = saved.run.data.encoding!;
      const metrics = log.measured > 0 && task !== 'ranking' ? measure(log.predictions(), task) : null;
      return { ...next.value, scored, metrics, labelled: log.labelled, measured: log.measured };
    }
    const scores = await scorer.score(next.value);
    log.add(scores, next.value.labels);
    scored += next.value.count;
    yield { ...next.value, scores };
  }
}

/** What the file says of the data. Rejects with TrainingError where it does not say enough to read another file. */
async function readEncoding(saved: SavedRun): Promise<KnownEncoding> {
  const { reading, encoding, fields } = saved.run.data;
  if (!reading || !encoding)
    throw new TrainingError(
      'The model does not say how lines of a file become examples: it was trained on a generated sample, or saved by an earlier version.',
      'Train it on a file with this version, and save it.',
    );
  const known: KnownEncoding['fields'][number][] = [];
  for (const [field, { name }] of fields.entries()) {
    const names = await saved.vocabulary(field);
    if (!names)
      throw new TrainingError(
        `The file does not hold the values of ${excerpt(name)}.`,
        'Save the model again with this version: its file then has them.',
      );
    known.push({ name, rareId: encoding.rareIds[field], names });
  }
  return { reading, fields: known, numericColumns: encoding.numericColumns };
}
