import { noRuns, type RunLife } from './runLife.ts';
import type { RequestedRun } from './requestedRun.ts';
import type { RunRecord } from './runRecord.ts';

export interface RunsState extends RunLife {
  /** Runs that a closed or reloaded tab has left, oldest first; null: not known yet. */
  readonly interrupted: readonly InterruptedRun[] | null;
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

/** A run that can go on from a checkpoint, and where that was taken. */
export type InterruptedRun = RequestedRun & { readonly step: number; readonly datasetName: string };

/** Single runs, or the mean over the seeds of each setting. */
export type RunView = 'runs' | 'seeds';

export const initialRuns: RunsState = {
  ...noRuns,
  interrupted: null,
  runs: [],
  keepsLearnt: false,
  hoveredRuns: [],
  runView: 'runs',
  showsDifferences: false,
};
