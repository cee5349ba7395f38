import type { Task } from '../../data/dataset.ts';
import { sigmoid } from '../../metrics/predictions.ts';
import type { ScoredLines } from './scoreLines.ts';

/** The bytes of a table of scores, piece by piece. */
export interface ScoredTable {
  add(lines: ScoredLines): Uint8Array;
  end(): Uint8Array;
}

/** A column, and what it holds of line `i` of a piece; null: nothing. */
export interface ScoredColumn {
  readonly name: string;
  readonly type: 'float' | 'count';
  /** Whether some lines may have none. */
  readonly isOptional?: boolean;
  valueOf(lines: ScoredLines, i: number): number | null;
}

const line: ScoredColumn = { name: 'line', type: 'count', valueOf: ({ lines }, i) => lines[i] };
const label: ScoredColumn = {
  name: 'label',
  type: 'float',
  isOptional: true,
  valueOf: ({ labels }, i) => (Number.isNaN(labels[i]) ? null : labels[i]),
};
const unseen: ScoredColumn = { name: 'unseen', type: 'count', valueOf: ({ unseen }, i) => unseen[i] };

/** Of clicks the probability and the logit, of others the prediction; with the line of the file, from 1. */
export function columnsOf(task: Task): readonly ScoredColumn[] {
  const score: ScoredColumn = {
    name: task === 'click' ? 'logit' : 'prediction',
    type: 'float',
    valueOf: ({ scores }, i) => scores[i],
  };
  const probability: ScoredColumn = {
    name: 'probability',
    type: 'float',
    // Engines of JavaScript differ in the last bit of an exponential.
    valueOf: ({ scores }, i) => Math.fround(sigmoid(scores[i])),
  };
  return [line, ...(task === 'click' ? [probability] : []), score, label, unseen];
}
