import { lazy, Suspense } from 'react';
import { commands } from '../commands/commands.ts';
import { formatCount } from '../shared/format.ts';
import { type EvaluatedSplit, metricFor, type MetricId, metricTable } from './metrics.ts';
import { formatSpread, spreadOf } from '../../comparison/summary.ts';
import { seededValues, uniformAt } from '../runs/runRecord.ts';
import { runSizes, type SizeId } from '../runs/runSize.ts';
import { useApp, useChartsDue, useDimmer, useMetric, useRunsHere } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { Panel } from '../shared/Panel.tsx';

const AccuracyChart = lazy(() =>
  import('./AccuracyChart.tsx').then((module) => ({ default: module.AccuracyChart })),
);

export function AccuracyPanel() {
  const { ui } = useDimmer();
  const task = useApp((state) => state.dataset?.task);
  const chosen = useApp((state) => state.metric);
  const split = useApp((state) => state.split);
  const size = useApp((state) => state.size);
  const isDue = useChartsDue();
  const against = (
    <label>
      <span className={controls.visuallyHidden}>Accuracy against</span>
      <select
        className={controls.smallSelect}
        data-testid="size"
        value={size}
        onChange={(event) => ui.show({ size: event.currentTarget.value as SizeId })}
      >
        {Object.values(runSizes).map(({ id, label }) => (
          <option key={id} value={id}>
            against {label}
          </option>
        ))}
      </select>
    </label>
  );
  const tools = task && (
    <>
      {against}
      <Baseline />
      <CompareButton />
      <label>
        <span className={controls.visuallyHidden}>Metric</span>
        <select
          className={controls.smallSelect}
          value={metricFor(task, chosen).id}
          onChange={(event) => ui.show({ metric: event.currentTarget.value as MetricId })}
        >
          {metricTable
            .filter((metric) => metric.task === task)
            .map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
        </select>
      </label>
      <label>
        <span className={controls.visuallyHidden}>Split</span>
        <select
          className={controls.smallSelect}
          value={split}
          onChange={(event) => ui.show({ split: event.currentTarget.value as EvaluatedSplit })}
        >
          <option value="test">Test</option>
          <option value="validation">Validation</option>
        </select>
      </label>
    </>
  );
  return (
    <Panel title="Accuracy" tools={tools}>
      <Suspense>{task && isDue && <AccuracyChart />}</Suspense>
    </Panel>
  );
}

function CompareButton() {
  const dimmer = useDimmer();
  return (
    <button
      type="button"
      className={controls.small}
      data-testid="compare"
      title="Methods × budgets × seeds, with error bars ( c )"
      onClick={() => commands.compare.perform(dimmer)}
    >
      Compare…
    </button>
  );
}

/** What uniform vectors reach with the same parameters; one click if nobody knows yet. */
function Baseline() {
  const dimmer = useDimmer();
  const runs = useRunsHere();
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const budget = useApp((state) => state.budget);
  const isQueued = useApp((state) =>
    [...state.queue, ...state.aside, ...(state.current ? [state.current] : [])].some(
      ({ settings }) => settings.method === 'uniform' && (settings.budget ?? state.budget) === state.budget,
    ),
  );
  const values = seededValues(uniformAt(runs, budget), metric, split).map(({ value }) => value);
  const spread = spreadOf(values);
  if (spread) return <span className={controls.note}>uniform {formatSpread(spread, metric.digits)}</span>;
  return (
    <button
      type="button"
      className={controls.small}
      data-testid="baseline"
      disabled={isQueued}
      title={`Uniform vectors at the same budget of ${formatCount(budget)} parameters ( u )`}
      onClick={() => commands.baseline.perform(dimmer)}
    >
      {isQueued ? 'Uniform baseline queued' : 'Train uniform baseline'}
    </button>
  );
}
