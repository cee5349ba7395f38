import type { Interval } from '../../metrics/estimate.ts';
import type { RunResult } from '../../training/events/events.ts';

type Cells = Record<string, string | number | undefined>;

/** Of the test split: the intervals of its metrics, and what is reported beside them. Empty cells where there is nothing. */
export function reportCells({ testIntervals = {}, testReport }: RunResult): Cells {
  const clicks = testReport && 'reliability' in testReport ? testReport : undefined;
  const ratings = testReport && 'meanAbsoluteError' in testReport ? testReport : undefined;
  return {
    'test.examples': testReport?.examples,
    ...boundCells('auc', testIntervals.auc),
    ...boundCells('logLoss', testIntervals.logLoss),
    ...boundCells('accuracy', clicks?.accuracy),
    ...valueCells('normalizedEntropy', clicks?.normalizedEntropy),
    ...valueCells('calibration', clicks?.calibration),
    'test.calibrationError': finite(clicks?.calibrationError),
    'test.aucWithinUsers': finite(clicks?.perUser?.auc),
    userColumn: clicks?.perUser?.column,
    ...boundCells('rmse', testIntervals.rmse),
    ...boundCells('mse', testIntervals.mse),
    ...valueCells('meanAbsoluteError', ratings?.meanAbsoluteError),
  };
}

function valueCells(name: string, own: (Interval & { readonly value: number }) | undefined): Cells {
  return { [`test.${name}`]: finite(own?.value), ...boundCells(name, own) };
}

function boundCells(name: string, interval: Interval | undefined): Cells {
  return { [`test.${name}.low`]: finite(interval?.low), [`test.${name}.high`]: finite(interval?.high) };
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
