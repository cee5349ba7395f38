import { noRuns, type RunLife } from './runLife.ts';
import type { RunRecord } from './runRecord.ts';

export interface RunsState extends RunLife {
  /** Finished runs of all data sets, oldest first. */
  readonly runs: readonly RunRecord[];
  /** A change of α or the budget resizes the run in progress instead of starting another, where it can. */
  readonly keepsLearnt: boolean;
  /** Ids of the runs under the pointer in a chart, legend or table: one run, or those of a method or a setting. */
  readonly hoveredRuns: readonly string[];
  readonly runView: RunView;
  /** Whether the table of runs has a column for every setting in which they differ. */
  readonly showsDifferences: boolean;
}

/** Single runs, or the mean over the seeds of each setting. */
export type RunView = 'runs' | 'seeds';

export const initialRuns: RunsState = {
  ...noRuns,
  runs: [],
  keepsLearnt: false,
  hoveredRuns: [],
  runView: 'runs',
  showsDifferences: false,
};
