import { formatSpread } from '../../comparison/summary.ts';
import { PinnedTooltip } from '../charts/Plot.tsx';
import { TooltipBox } from '../charts/TooltipBox.tsx';
import { runValue, uniformAt } from '../runs/runRecord.ts';
import { describeFitted } from '../runs/runWords.ts';
import { runSizes } from '../runs/runSize.ts';
import type { SeedGroup } from '../runs/seedGroups.ts';
import { useApp, useMetric, useRunsHere } from '../useDimmer.ts';
import type { AccuracyData, RunPoint } from './accuracyData.ts';
import { methodMarks } from './methodMarks.ts';

/** Of the run or the seeds under the pointer, on the chart or in the table. */
export function AccuracyTooltip({ data }: { readonly data: AccuracyData }) {
  const hovered = useApp((state) => state.hoveredRuns);
  const point = hovered.length === 1 && data.points.find(({ id }) => id === hovered[0]);
  if (point) return <RunTooltip point={point} />;
  const group = data.groups.find(({ ids }) => ids.join() === hovered.join());
  return group ? <SeedsTooltip group={group} /> : null;
}

function RunTooltip({ point }: { readonly point: RunPoint }) {
  const { run, value } = point;
  const runs = useRunsHere();
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const size = runSizes[useApp((state) => state.size)];
  const uniform = uniformAt(runs, run.result.settings.budget, metric, split);
  const reference = uniform && uniform.id !== run.id ? runValue(uniform, metric, split) : undefined;
  const fitted = describeFitted(run);
  const { compressed } = run.result;
  const title = `${run.name}${fitted ? ` with ${fitted}` : ''}${compressed ? ', compressed after training' : ''}`;
  const rows = [
    { label: 'Size', value: size.format(point.size) },
    { label: `${metric.label}, ${split}`, value: value.toFixed(metric.digits) },
  ];
  if (reference !== undefined)
    rows.push({ label: 'Against uniform', value: formatGain(value - reference, metric.digits) });
  return (
    <PinnedTooltip x={point.size} y={value}>
      <TooltipBox title={title} rows={rows} />
    </PinnedTooltip>
  );
}

function SeedsTooltip({ group }: { readonly group: SeedGroup }) {
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const size = runSizes[useApp((state) => state.size)];
  const { method, spread } = group;
  const rows = [
    { label: 'Size', value: size.format(group.size) },
    { label: `${metric.label}, ${split}`, value: formatSpread(spread, metric.digits) },
  ];
  return (
    <PinnedTooltip x={group.size} y={spread.mean}>
      <TooltipBox title={`${methodMarks[method].label}, ${spread.count} seeds`} rows={rows} />
    </PinnedTooltip>
  );
}

function formatGain(gain: number, digits: number): string {
  return `${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(digits)}`;
}
