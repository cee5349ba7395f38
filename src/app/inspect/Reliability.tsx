import { useMemo } from 'react';
import type { ClickReport } from '../../metrics/testReport.ts';
import { LineKey } from '../charts/LineKey.tsx';
import type { Axis } from '../charts/Plot.tsx';
import { decimalsFor, linearTicks } from '../charts/ticks.ts';
import { formatCount } from '../shared/format.ts';
import controls from '../shared/controls.module.css';
import styles from './inspect.module.css';
import { IntervalChart, type IntervalPoint, REFERENCE_DASHES } from './IntervalChart.tsx';
import { formatInterval, formatValue } from './inspectWords.ts';

/** How often clicks follow predictions of like height: on the diagonal, as often as predicted. */
export function Reliability({ report }: { readonly report: ClickReport }) {
  const { reliability, calibrationError } = report;
  const [x, y, points, diagonal] = useMemo(() => {
    const reach = Math.max(
      0.01,
      ...reliability.map(({ predicted, interval }) => Math.max(predicted, interval.high)),
    );
    const ticks = linearTicks([0, reach]);
    const axis = { scale: 'linear', domain: [0, reach], ticks, format: decimalsFor(ticks) } as const;
    const marks = reliability.map(({ examples, predicted, observed, interval }, i): IntervalPoint => ({
      x: predicted,
      y: observed,
      ...interval,
      title: `Bin ${i + 1} of ${reliability.length}`,
      rows: [
        { label: 'predicted', value: formatValue(predicted) },
        { label: 'clicked', value: formatValue(observed) },
        { label: '95 % interval', value: formatInterval(interval) },
        { label: 'examples', value: formatCount(examples) },
      ],
    }));
    return [
      { ...axis, title: 'Mean prediction' } satisfies Axis,
      { ...axis, title: 'Share of clicks' } satisfies Axis,
      marks,
      [
        { x: 0, y: 0 },
        { x: reach, y: reach },
      ],
    ] as const;
  }, [reliability]);
  return (
    <>
      <div className={styles.chart}>
        <IntervalChart
          label={`Share of clicks against mean prediction in ${reliability.length} bins. The table below shows the numbers.`}
          x={x}
          y={y}
          points={points}
          reference={diagonal}
          legend={
            <>
              <LineKey label="this run" stroke="var(--accent)" />
              <LineKey label="as often as predicted" stroke="var(--muted)" dashes={REFERENCE_DASHES} />
            </>
          }
        />
      </div>
      <p className={controls.muted}>
        Calibration error {formatValue(calibrationError)}: the mean distance of the share of clicks from the
        prediction, over bins of equal counts.
      </p>
      <details>
        <summary>Numbers</summary>
        <table className={controls.table} data-testid="reliability-table">
          <caption className={controls.visuallyHidden}>Reliability by bin</caption>
          <thead>
            <tr>
              <th scope="col">Prediction</th>
              <th scope="col">Clicks</th>
              <th scope="col">95 % interval</th>
              <th scope="col">Examples</th>
            </tr>
          </thead>
          <tbody>
            {reliability.map(({ examples, predicted, observed, interval }) => (
              <tr key={predicted}>
                <th scope="row">{formatValue(predicted)}</th>
                <td>{formatValue(observed)}</td>
                <td>{formatInterval(interval)}</td>
                <td>{formatCount(examples)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
