import type { Split, Task } from '../../data/dataset.ts';
import type { ClickMetrics, Metrics, RankingMetrics, RatingMetrics } from '../../metrics/metrics.ts';

export type MetricId = 'auc' | 'logLoss' | 'accuracy' | 'rmse' | 'mse' | 'ndcg' | 'recall';

export interface Metric {
  readonly id: MetricId;
  readonly label: string;
  readonly task: Task;
  readonly better: 'higher' | 'lower';
  readonly digits: number;
}

/** The first of each task is the one shown until the user chooses. */
export const metricTable: readonly Metric[] = [
  { id: 'auc', label: 'AUC', task: 'click', better: 'higher', digits: 4 },
  { id: 'logLoss', label: 'Log loss', task: 'click', better: 'lower', digits: 4 },
  { id: 'accuracy', label: 'Accuracy', task: 'click', better: 'higher', digits: 4 },
  { id: 'rmse', label: 'RMSE', task: 'rating', better: 'lower', digits: 4 },
  { id: 'mse', label: 'MSE', task: 'rating', better: 'lower', digits: 4 },
  { id: 'ndcg', label: 'NDCG@10', task: 'ranking', better: 'higher', digits: 4 },
  { id: 'recall', label: 'Recall@10', task: 'ranking', better: 'higher', digits: 4 },
];

/** What the chart shows: the user's choice if it fits the task. */
export function metricFor(task: Task, chosen: MetricId | null): Metric {
  return (
    metricTable.find((metric) => metric.id === chosen && metric.task === task) ??
    metricTable.find((metric) => metric.task === task)!
  );
}

export function readMetric(metrics: Metrics | undefined, id: MetricId): number | undefined {
  const value = (metrics as Partial<ClickMetrics & RatingMetrics & RankingMetrics> | undefined)?.[id];
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** The loss that training minimises. */
export const lossLabels: Readonly<Record<Task, string>> = {
  click: 'Log loss',
  rating: 'MSE',
  ranking: 'Ranking loss',
};

/** The same on other examples, as an evaluation reports it; undefined of a ranking, which has no loss without its negatives. */
export function readLoss(metrics: Metrics): number | undefined {
  return readMetric(metrics, 'logLoss') ?? readMetric(metrics, 'mse');
}

export function isBetter(metric: Metric, value: number, than: number): boolean {
  return metric.better === 'higher' ? value > than : value < than;
}

export type EvaluatedSplit = Exclude<Split, 'train'>;
