import { runValue, uniformAt } from '../runs/runRecord.ts';
import { describeFitted } from '../runs/runWords.ts';
import { runSizes } from '../runs/runSize.ts';
import { useApp, useMetric, useRunsHere } from '../useDimmer.ts';
import styles from '../charts/charts.module.css';

/** The run under the pointer, on the chart or in the table, and what it gains over uniform. */
export function HoveredRun() {
  const hovered = useApp(({ hoveredRuns }) => (hoveredRuns.length === 1 ? hoveredRuns[0] : null));
  const runs = useRunsHere();
  const previousRun = useApp((state) => state.previousRun);
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const size = runSizes[useApp((state) => state.size)];
  const run =
    runs.find(({ id }) => id === hovered) ?? (previousRun?.id === hovered ? previousRun : undefined);
  if (!run) return null;
  const value = runValue(run, metric, split);
  const uniform = uniformAt(runs, run.result.settings.budget, metric, split);
  const reference = uniform && uniform.id !== run.id ? runValue(uniform, metric, split) : undefined;
  const gain = value !== undefined && reference !== undefined ? value - reference : undefined;
  const fitted = describeFitted(run);
  const { compressed } = run.result;
  return (
    <p className={styles.readout}>
      {run.name}
      {fitted && ` with ${fitted}`}
      {compressed && ', compressed after training'}: {size.format(size.of(run))}, {metric.label}{' '}
      {value?.toFixed(metric.digits) ?? '–'}
      {gain !== undefined &&
        ` (${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(metric.digits)} against uniform)`}
    </p>
  );
}
