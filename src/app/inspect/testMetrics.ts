import type { Interval } from '../../metrics/estimate.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { RunResult } from '../../training/events/events.ts';

/** A test metric as it is listed. */
export interface TestMetric {
  readonly label: string;
  readonly help: string;
  readonly value: number;
  readonly interval?: Interval;
  /** On the split that chooses. */
  readonly validation?: number;
}

const known: Readonly<Record<string, readonly [label: string, help: string]>> = {
  auc: ['AUC', 'How probable it is that a click is predicted above another example. Interval by DeLong'],
  logLoss: ['Log loss', 'Mean over examples, which training minimises'],
  normalizedEntropy: [
    'Normalised entropy',
    'Log loss over that of always predicting the base rate (He et al. 2014): below 1 the model has learnt something',
  ],
  calibration: ['Calibration', 'Mean prediction over base rate: 1 where they agree'],
  accuracy: ['Accuracy', 'Share of examples on the right side of ½'],
  majorityRate: ['… of the majority', 'Accuracy of always predicting the more frequent label'],
  rmse: ['RMSE', 'Root of the mean squared error'],
  mse: ['MSE', 'Mean squared error, which training minimises'],
  meanAbsoluteError: ['MAE', 'Mean absolute error'],
  ndcg: ['NDCG@10', 'Of the ten best items, over users'],
  recall: ['Recall@10', 'Share of held-out items among the ten best, over users'],
};

/** All metrics of the test split, with intervals over its examples where there are some. */
export function listTestMetrics({
  metrics: { test, validation },
  testIntervals = {},
  testReport,
}: RunResult): readonly TestMetric[] {
  const values = { ...numbersOf(test), ...reportedValues(testReport) };
  const intervals: Readonly<Record<string, Interval | undefined>> = {
    ...(testReport as Readonly<Record<string, Interval>> | undefined),
    ...testIntervals,
  };
  const beside = numbersOf(validation);
  return Object.entries(known).flatMap(([name, [label, help]]): TestMetric[] => {
    const value = values[name];
    if (value === undefined) return [];
    const { low, high } = intervals[name] ?? {};
    const interval = low === undefined || high === undefined ? undefined : { low, high };
    const own = beside[name];
    return [
      { label, help, value, ...(interval && { interval }), ...(own !== undefined && { validation: own }) },
    ];
  });
}

function numbersOf(metrics: Metrics | undefined): Readonly<Record<string, number>> {
  return { ...metrics };
}

function reportedValues(report: RunResult['testReport']): Readonly<Record<string, number>> {
  if (!report || !('meanAbsoluteError' in report)) return {};
  return { meanAbsoluteError: report.meanAbsoluteError.value };
}
