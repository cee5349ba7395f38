import type { RunResult } from '../../training/events/events.ts';
import { formatCount } from '../shared/format.ts';
import controls from '../shared/controls.module.css';
import { formatInterval, formatValue } from './inspectWords.ts';
import { listTestMetrics } from './testMetrics.ts';

/** A table of every metric, with its interval over the test examples. */
export function TestMetrics({ result }: { readonly result: RunResult }) {
  const { testReport: report } = result;
  return (
    <>
      <table className={controls.table} data-testid="test-metrics">
        <caption className={controls.visuallyHidden}>Metrics of the test split</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Test</th>
            <th scope="col" title="Where it lies, as far as these examples can tell">
              95 % interval
            </th>
            <th scope="col">Validation</th>
          </tr>
        </thead>
        <tbody>
          {listTestMetrics(result).map(({ label, help, value, interval, validation }) => (
            <tr key={label}>
              <th scope="row" title={help}>
                {label}
              </th>
              <td>{formatValue(value)}</td>
              <td>{interval ? formatInterval(interval) : '–'}</td>
              <td>{validation === undefined ? '–' : formatValue(validation)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {report && (
        <p className={controls.muted}>
          Intervals are over {formatCount(report.examples)} test examples, and say nothing of other seeds.
          {'perUser' in report &&
            report.perUser &&
            ` Within the ${formatCount(report.perUser.groups)} values of ${report.perUser.column} that have both labels the AUC is ${formatValue(report.perUser.auc)}.`}
        </p>
      )}
    </>
  );
}
