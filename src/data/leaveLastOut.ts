import { stepExamples, type Steps } from './containers/pace.ts';

/** What leave-last-out reads of an example, by its position in the order of the file. */
export interface TimedExamples {
  readonly length: number;
  /** Users are 0 … users − 1. */
  readonly users: number;
  userOf(example: number): number;
  timeOf(example: number): number;
}

/** Fewer leave nothing to learn from once two are held out. */
const leastExamples = 3;

/**
 * Of every user the latest example is 2 (test), the one before it 1 (validation), all others 0; of equal times the later in the file
 * is the later. Users with fewer than three examples are in training alone. [examples]
 */
export function* splitByLastOfUser(examples: TimedExamples): Steps<Uint8Array> {
  const { length, users } = examples;
  const counts = new Uint32Array(users);
  const last = new Int32Array(users).fill(-1);
  const beforeLast = new Int32Array(users).fill(-1);
  for (let i = 0; i < length; i++) {
    const user = examples.userOf(i);
    counts[user]++;
    if (last[user] === -1 || examples.timeOf(i) >= examples.timeOf(last[user])) {
      beforeLast[user] = last[user];
      last[user] = i;
    } else if (beforeLast[user] === -1 || examples.timeOf(i) >= examples.timeOf(beforeLast[user])) {
      beforeLast[user] = i;
    }
    if (i % stepExamples === 0) yield;
  }
  const splits = new Uint8Array(length);
  for (let user = 0; user < users; user++) {
    if (counts[user] < leastExamples) continue;
    splits[last[user]] = 2;
    splits[beforeLast[user]] = 1;
  }
  return splits;
}
