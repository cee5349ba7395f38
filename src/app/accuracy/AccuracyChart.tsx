import { memo, useDeferredValue, useMemo, useRef } from 'react';
import { scaleFor } from '../dims/decideShownDims.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { EvaluatedSplit, Metric } from './metrics.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { type RunSize, runSizes } from '../runs/runSize.ts';
import { useApp, useMetric, useRunsHere } from '../useDimmer.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import { AccuracyLegend } from './AccuracyLegend.tsx';
import { BestPossible, FrontLine, LivePoint, RunPaths, SizeLine } from './accuracyOverlays.tsx';
import { type AccuracyData, composeAccuracy } from './accuracyData.ts';
import { AccuracyTooltip } from './AccuracyTooltip.tsx';
import styles from '../charts/charts.module.css';
import { ChartExport } from './ChartExport.tsx';
import { methodMarks } from './methodMarks.ts';
import { type Axis, MarkPlot } from '../charts/Plot.tsx';
import { decimalsFor, type Interval, linearTicks, logTicks } from '../charts/ticks.ts';
import { RunMarks } from './RunMark.tsx';
import { SeedSpreads } from './SeedSpreads.tsx';

export function AccuracyChart() {
  const box = useRef<HTMLDivElement>(null);
  const area = useSize(box);
  const dataset = useApp((state) => state.dataset)!;
  // When a run ends everything changes at once: this is the dearest of it, and follows when the rest is there.
  const previousRun = useDeferredValue(useApp((state) => state.previousRun));
  const split = useApp((state) => state.split);
  const runs = useDeferredValue(useRunsHere());
  const metric = useMetric();
  const size = runSizes[useApp((state) => state.size)];
  const data = useMemo(
    () => composeAccuracy(dataset, runs, previousRun, metric, split, size, spanOf(size, dataset, runs)),
    [dataset, runs, previousRun, metric, split, size],
  );
  const label = `${metric.label} on the ${split} split against ${size.phrase}, ${data.points.length} runs. The table of runs shows the numbers.`;
  return (
    <div className={styles.stack} data-testid="accuracy-chart">
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {area.width > 0 && <Plot data={data} metric={metric} split={split} size={size} area={area} />}
        {data.points.length === 0 && (
          <p className={styles.teach}>
            Each finished run becomes a point. Drag α or the budget and let go: the next run starts, and the
            chart shows what {size.id === 'parameters' ? 'the parameters' : 'the memory of training'} bought.
          </p>
        )}
      </div>
      <div className={styles.foot}>
        <AccuracyLegend data={data} />
        {data.points.length > 0 && <ChartExport plot={box} data={data} />}
      </div>
    </div>
  );
}

/** Parameters: what the slider reaches. Bytes: what runs took, about a decade while there is none. */
function spanOf({ id, of }: RunSize, dataset: DatasetSummary, runs: readonly RunRecord[]): Interval {
  if (id === 'parameters') {
    const { min, max } = scaleFor(dataset);
    return [min, max];
  }
  if (runs.length === 0) return [1e6, 1e7];
  const bytes = runs.map(of);
  return [Math.min(...bytes) / 1.2, Math.max(...bytes) * 1.2];
}

/** Where the scale holds hardly a round number, what is round on a linear one. */
function sizeTicks(x: Interval): readonly number[] {
  const ticks = logTicks(x);
  return ticks.length > 2 ? ticks : linearTicks(x);
}

const capitalise = (text: string): string => text[0].toUpperCase() + text.slice(1);

interface PlotProps {
  readonly data: AccuracyData;
  readonly metric: Metric;
  readonly split: EvaluatedSplit;
  readonly size: RunSize;
  readonly area: Size;
}

/** Redrawn when a run ends, not while one trains: what moves draws itself over it. */
const Plot = memo(function Plot({ data, metric, split, size, area }: PlotProps) {
  const { x: sizes, y: values } = data;
  const x = useMemo(
    (): Axis => ({
      title: capitalise(size.phrase),
      scale: 'log',
      domain: sizes,
      ticks: sizeTicks(sizes),
      format: size.formatTick,
    }),
    [sizes, size],
  );
  const y = useMemo((): Axis => {
    const ticks = linearTicks(values);
    const title = `${metric.label}, ${split}`;
    return { title, scale: 'linear', domain: values, ticks, format: decimalsFor(ticks) };
  }, [values, metric, split]);
  return (
    <MarkPlot size={area} x={x} y={y}>
      <FrontLine points={data.uniform} last={sizes[1]} stroke={methodMarks.uniform.color} dashes="6 4" />
      <FrontLine points={data.front} last={sizes[1]} stroke="var(--text)" />
      <RunPaths paths={data.paths} />
      <SizeLine size={size} />
      <SeedSpreads groups={data.groups} />
      <LivePoint metric={metric} size={size} />
      <BestPossible data={data} metric={metric} />
      <RunMarks data={data} />
      <AccuracyTooltip data={data} />
    </MarkPlot>
  );
});
