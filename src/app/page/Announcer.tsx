import { metricFor } from '../accuracy/metrics.ts';
import { describeReason, runValue } from '../runs/runRecord.ts';
import { useApp } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';

/** Tells screen readers how the last run ended; the charts tell everyone else. */
export function Announcer() {
  const text = useApp(({ runs, datasetKey, dataset, metric, split }) => {
    const run = runs.findLast((candidate) => candidate.datasetKey === datasetKey);
    if (!run || !dataset) return '';
    const shown = metricFor(dataset.task, metric);
    const value = runValue(run, shown, split);
    return `${run.name}: ${describeReason(run)}. ${shown.label} ${value?.toFixed(shown.digits) ?? 'unknown'}.`;
  });
  return (
    <p className={controls.visuallyHidden} role="status">
      {text}
    </p>
  );
}
