import type { SizeId } from '../runs/runSize.ts';
import type { EvaluatedSplit, MetricId } from './metrics.ts';

export interface AccuracyState {
  /** null: the first of the task. */
  readonly metric: MetricId | null;
  readonly split: EvaluatedSplit;
  /** What the chart holds accuracy against. */
  readonly size: SizeId;
}

export const initialAccuracy: AccuracyState = { metric: null, split: 'test', size: 'parameters' };
