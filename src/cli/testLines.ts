import type { Interval } from '../metrics/estimate.ts';
import type { Reported, TestReport } from '../metrics/testReport.ts';
import type { RunResult } from '../training/events/events.ts';

/** What is reported of the test split, as lines of text: every metric with its 95 % interval over examples. */
export function testLines({ metrics, testIntervals = {}, testReport }: RunResult): readonly string[] {
  const { test } = metrics;
  if (!test || !testReport) return [];
  const intervals = Object.entries(testIntervals).map(([name, interval]: [string, Interval]) => {
    const value = Object.entries(test).find(([other]) => other === name)?.[1] as number;
    return describeReported(name, { value, ...interval });
  });
  return [
    [...intervals, ...describeReport(testReport)].join('  '),
    `95 % intervals over ${testReport.examples} examples; validation chose the weights, the test split nothing`,
  ].map((text) => `reported   ${text}`);
}

function describeReport(report: TestReport): readonly string[] {
  if ('meanAbsoluteError' in report) return [describeReported('meanAbsoluteError', report.meanAbsoluteError)];
  const { normalizedEntropy, calibration, accuracy, calibrationError, perUser } = report;
  return [
    describeReported('normalizedEntropy', normalizedEntropy),
    describeReported('calibration', calibration),
    describeReported('accuracy', accuracy),
    `calibrationError ${calibrationError.toFixed(4)}`,
    ...(perUser
      ? [`auc within ${perUser.groups} values of ${perUser.column} ${perUser.auc.toFixed(4)}`]
      : []),
  ];
}

function describeReported(name: string, { value, low, high }: Reported): string {
  return `${name} ${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
}
