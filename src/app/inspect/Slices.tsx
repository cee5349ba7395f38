import { useMemo } from 'react';
import type { Task } from '../../data/dataset.ts';
import type { Slice } from '../../metrics/slices.ts';
import { LineKey } from '../charts/LineKey.tsx';
import type { Axis } from '../charts/Plot.tsx';
import { decimalsFor, linearTicks } from '../charts/ticks.ts';
import { formatCount, formatShort } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './inspect.module.css';
import { IntervalChart, type IntervalPoint, REFERENCE_DASHES } from './IntervalChart.tsx';
import { formatChange, formatInterval, formatValue, nameBand } from './inspectWords.ts';

/** The loss on examples whose value of a field is popular, and on those where it is rare. */
export function Slices({ task }: { readonly task: Task }) {
  const { inspect } = useDimmer();
  const fields = useApp((state) => state.dataset?.fields);
  const field = useApp((state) => state.inspectedField);
  const state = useApp(({ inspection }) => inspection);
  if (state.kind === 'gone' || !fields) return <p>Without its predictions there is nothing to slice.</p>;
  const slices = state.kind === 'ready' ? state.inspection.slices : [];
  return (
    <>
      <label className={styles.choice}>
        Values of
        <select
          className={controls.select}
          value={field}
          data-testid="slice-field"
          onChange={(event) => inspect.chooseField(Number(event.currentTarget.value))}
        >
          {fields.map(({ name }, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div className={styles.chart}>
        {slices.length > 0 && <SliceChart slices={slices} loss={lossNames[task]} />}
      </div>
      <SliceTable slices={slices} task={task} />
      <p className={controls.muted}>
        Values by popularity in training, the most popular first; each band has about a tenth of the lookups.
        Values that training saw too seldom share the row <em>rare</em>.
      </p>
    </>
  );
}

const lossNames: Readonly<Record<Task, string>> = {
  click: 'Log loss',
  rating: 'Squared error',
  ranking: 'Ranking loss',
};

interface SliceChartProps {
  readonly slices: readonly Slice[];
  readonly loss: string;
}

function SliceChart({ slices, loss: name }: SliceChartProps) {
  const hasReference = slices.some(({ lossDifference }) => lossDifference);
  const { x, y, points, uniform } = useMemo(() => composeSlices(slices, name), [slices, name]);
  return (
    <IntervalChart
      label={`${name} by popularity in ${slices.length} bands. The table below shows the numbers.`}
      x={x}
      y={y}
      points={points}
      reference={uniform}
      marksReference
      legend={
        <>
          <LineKey label="this run" stroke="var(--accent)" />
          {hasReference && <LineKey label="uniform" stroke="var(--muted)" dashes={REFERENCE_DASHES} />}
        </>
      }
    />
  );
}

/** Bands stand side by side, from 1 on. */
function composeSlices(slices: readonly Slice[], name: string) {
  const points = slices.map((slice, i): IntervalPoint => {
    const { loss, examples, lossDifference } = slice;
    const rows = [
      { label: name, value: formatValue(loss.value) },
      { label: '95 % interval', value: formatInterval(loss) },
      { label: 'examples', value: formatCount(examples) },
    ];
    const change = lossDifference && { label: 'to uniform', value: formatChange(lossDifference) };
    return {
      x: i + 1,
      y: loss.value,
      low: loss.low,
      high: loss.high,
      title: slice.kind === 'rare' ? 'Rare values' : `Values ${nameBand(slice)} by popularity`,
      rows: change ? [...rows, change] : rows,
    };
  });
  const uniform = slices.flatMap(({ loss, lossDifference }, i) =>
    lossDifference ? [{ x: i + 1, y: loss.value - lossDifference.value }] : [],
  );
  const heights = [...points.flatMap(({ y, low, high }) => [y, low, high]), ...uniform.map(({ y }) => y)];
  const finite = heights.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = 0.05 * (high - low) || 0.05;
  const domain = [low - room, high + room] as const;
  const ticks = linearTicks(domain);
  const x: Axis = {
    title: 'Popularity rank of the first value',
    scale: 'linear',
    domain: [0.5, slices.length + 0.5],
    ticks: points.map((point) => point.x),
    format: (tick) => {
      const { kind, firstId } = slices[tick - 1];
      return kind === 'rare' ? 'rare' : formatShort(firstId + 1);
    },
  };
  const y: Axis = { title: name, scale: 'linear', domain, ticks, format: decimalsFor(ticks) };
  return { x, y, points, uniform };
}

interface SliceTableProps {
  readonly slices: readonly Slice[];
  readonly task: Task;
}

/** The chart in numbers. */
function SliceTable({ slices, task }: SliceTableProps) {
  return (
    // It may scroll: the keyboard must reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="group" aria-label="Slices in numbers" tabIndex={0}>
      <table className={controls.table} data-testid="slice-table">
        <caption className={controls.visuallyHidden}>Test examples by the popularity of their value</caption>
        <thead>
          <tr>
            <th scope="col">Values</th>
            <th scope="col">Examples</th>
            <th scope="col">{lossNames[task]} (95 % interval)</th>
            {task === 'click' && <th scope="col">AUC (95 % interval)</th>}
            <th scope="col">{lossNames[task]} against uniform</th>
          </tr>
        </thead>
        <tbody>
          {slices.map((slice) => (
            <tr key={nameBand(slice)}>
              <th scope="row">{nameBand(slice)}</th>
              <td>{formatCount(slice.examples)}</td>
              <td>
                {formatValue(slice.loss.value)} ({formatInterval(slice.loss)})
              </td>
              {slice.auc && (
                <td>
                  {formatValue(slice.auc.value)} ({formatInterval(slice.auc)})
                </td>
              )}
              <td>{formatChange(slice.lossDifference)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
