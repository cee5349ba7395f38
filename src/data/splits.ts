import type { Split, SplitRule } from './dataset.ts';
import { stepExamples, type Steps } from './containers/pace.ts';
import { sortInSteps } from './sortInSteps.ts';

/** What examples are split by, in file order. [examples] */
export interface SplitColumns {
  /** 0-based data lines. */
  readonly records: Float64Array<ArrayBuffer>;
  readonly labels: Float64Array<ArrayBuffer>;
  /** null: they were not read. */
  readonly times: Float64Array<ArrayBuffer> | null;
}

/** In the order in which a Dataset holds them. */
export const splitOrder: readonly Split[] = ['train', 'validation', 'test'];

/** Position in splitOrder of 0-based data line k: hash(k) = ((k·2654435761) mod 2^32) >>> 16; 9 of 10 is test, 8 validation. */
export function splitByHash(line: number): number {
  const digit = (hashLine(line) >>> 16) % 10;
  return digit === 9 ? 2 : digit === 8 ? 1 : 0;
}

function hashLine(line: number): number {
  return Math.imul(line, 2654435761) >>> 0;
}

/** By a rule that looks at all examples at once: the position in splitOrder of each. [examples] */
export function splitExamples(
  rule: Exclude<SplitRule, 'hash' | 'leave-last-out'>,
  columns: SplitColumns,
): Steps<Uint8Array<ArrayBuffer>> {
  return rule === 'time' ? splitByTime(columns) : splitByLabel(columns);
}

/** Of each label 80 % train, 10 % validate and 10 % test, at least one of three in each; which ones, a hash of their line says. */
function* splitByLabel({ records, labels }: SplitColumns): Steps<Uint8Array<ArrayBuffer>> {
  const examples = records.length;
  const splits = new Uint8Array(examples);
  for (const label of [0, 1]) {
    const keys = new Float64Array(examples);
    let count = 0;
    for (let i = 0; i < examples; i++) {
      if (labels[i] === label) keys[count++] = (hashLine(records[i]) >>> 12) * examples + i;
      if (i % stepExamples === 0) yield;
    }
    const sorted = keys.subarray(0, count);
    yield* sortInSteps(sorted);
    const held = count < 3 ? 0 : Math.max(1, Math.round(0.1 * count));
    for (let rank = 0; rank < 2 * held; rank++) splits[sorted[rank] % examples] = rank < held ? 2 : 1;
  }
  return splits;
}

/** The earliest 80 % train, the next 10 % validate, the latest test; equal times in file order. */
function* splitByTime({ times }: SplitColumns): Steps<Uint8Array<ArrayBuffer>> {
  if (times === null) throw new Error('a split by time needs times');
  const examples = times.length;
  const sorted = times.slice();
  yield* sortInSteps(sorted);
  const splits = new Uint8Array(examples);
  for (const share of [0.8, 0.9]) {
    const start = Math.floor(examples * share);
    const first = sorted[start];
    // So many examples of the time at the border are still before it.
    let before = start;
    while (before > 0 && sorted[before - 1] === first) before--;
    let earlier = start - before;
    for (let i = 0; i < examples; i++) {
      if (times[i] > first || (times[i] === first && earlier-- <= 0)) splits[i]++;
    }
    yield;
  }
  return splits;
}
