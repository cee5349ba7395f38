import { noRuns, type RunLife } from './runLife.ts';
import type { RunRecord } from './runRecord.ts';

export interface RunsState extends RunLife {
  /** Finished runs of all data sets, oldest first. */
  readonly runs: readonly RunRecord[];
  /** A drag while a run trains changes that run's size, and another run starts only where it cannot. */
  readonly keepsLearnt: boolean;
  /** Runs under the pointer, on the chart, in the legend or in the table: one, or those of a method or a setting. */
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
