import { defaultSettings, type MethodId } from '../../settings/settings.ts';
import type { QueuedRun } from '../runs/requestedRun.ts';

export interface CompareState {
  /** Runs that wait their turn, of all data sets, in their order; only those on the data that is open can go. */
  readonly queue: readonly QueuedRun[];
  /** Nothing is taken from the queue until the user says so. */
  readonly queueHeld: boolean;
  /** What was last compared, or is about to be. */
  readonly comparison: ComparisonChoices;
}

export interface ComparisonChoices {
  readonly methods: readonly MethodId[];
  /** As typed: 10k, 1/4. */
  readonly budgets: string;
  readonly seeds: number;
}

/** The reference and the method that the page opens with; the others are a click away. */
const firstMethods: readonly MethodId[] = ['uniform', defaultSettings.method];

export const initialCompare: CompareState = {
  queue: [],
  queueHeld: false,
  comparison: { methods: firstMethods, budgets: '1/4, 1/8', seeds: 2 },
};
