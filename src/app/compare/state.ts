import type { AxisName } from '../../comparison/settingAxes.ts';
import { defaultSettings, type MethodId } from '../../settings/settings.ts';
import type { QueuedRun } from '../runs/requestedRun.ts';

export interface CompareState {
  /** Waiting runs of all data sets, in their order. Only those on the open data can start. */
  readonly queue: readonly QueuedRun[];
  /** Runs of the queue that are trained beside the one in progress, in the order in which they began. */
  readonly aside: readonly QueuedRun[];
  /** The user has paused the queue, or has not resumed that of an earlier visit. */
  readonly queueHeld: boolean;
  readonly search: SearchState | null;
  /** The choices in the dialog, kept for the next time. */
  readonly comparison: ComparisonChoices;
}

export interface ComparisonChoices {
  readonly methods: readonly MethodId[];
  /** As typed: 10k, 1/4. */
  readonly budgets: string;
  /** Settings with several values. */
  readonly axes: readonly AxisChoice[];
  readonly seeds: number;
  /** Learning rates that a search tries. */
  readonly rates: number;
}

/** A search, in progress or over. */
export interface SearchState {
  /** Rungs, and a last stage of the winners with other seeds. */
  readonly stage: number;
  readonly stages: number;
  /** What it has found, in sentences; null: it is in progress. */
  readonly outcome: readonly string[] | null;
}

export interface AxisChoice {
  readonly name: AxisName;
  /** As typed: 0, 0.2, 0.4. */
  readonly values: string;
}

/** The reference and the page's first method. */
const firstMethods: readonly MethodId[] = ['uniform', defaultSettings.method];

export const initialCompare: CompareState = {
  queue: [],
  aside: [],
  queueHeld: false,
  search: null,
  comparison: { methods: firstMethods, budgets: '1/4, 1/8', axes: [], seeds: 2, rates: 5 },
};
