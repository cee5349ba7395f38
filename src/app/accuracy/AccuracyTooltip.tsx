import { formatSpread } from '../../comparison/summary.ts';
import { PinnedTooltip } from '../charts/Plot.tsx';
import { TooltipBox } from '../charts/TooltipBox.tsx';
import { describeFitted } from '../runs/runWords.ts';
import { runSizes } from '../runs/runSize.ts';
import { againstUniform, type SeedGroup } from '../runs/seedGroups.ts';
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
  const metric = useMetric();
  const split = useApp((state) => state.split);
  const size = runSizes[useApp((state) => state.size)];
  const runs = useRunsHere();
  const against = againstUniform(runs, [run.id], metric, split);
  const fitted = describeFitted(run);
  const { compressed } = run.result;
  const title = `${run.name}${fitted ? ` with ${fitted}` : ''}${compressed ? ', compressed after training' : ''}`;
  const rows = [
    { label: 'Size', value: size.format(point.size) },
    { label: `${metric.label}, ${split}`, value: value.toFixed(metric.digits) },
  ];
  if (against) rows.push({ label: 'Against uniform', value: against });
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
  const runs = useRunsHere();
  const against = againstUniform(runs, group.ids, metric, split);
  const rows = [
    { label: 'Size', value: size.format(group.size) },
    { label: `${metric.label}, ${split}`, value: formatSpread(spread, metric.digits) },
    ...(against ? [{ label: 'Against uniform', value: against }] : []),
  ];
  return (
    <PinnedTooltip x={group.size} y={spread.mean}>
      <TooltipBox title={`${methodMarks[method].label}, ${spread.count} seeds`} rows={rows} />
    </PinnedTooltip>
  );
}
