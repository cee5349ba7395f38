import { memo, useDeferredValue, useMemo, useRef } from 'react';
import { scaleFor } from '../dims/decideShownDims.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { Metric } from './metrics.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { type RunSize, runSizes } from '../runs/runSize.ts';
import { useApp, useMetric, useRunsHere } from '../useDimmer.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import { AccuracyLegend } from './AccuracyLegend.tsx';
import { BestPossible, LivePoint, RunPaths, SizeLine, SteppedLine } from './accuracyOverlays.tsx';
import { type AccuracyData, composeAccuracy, type Interval, linearTicks, logTicks } from './accuracyData.ts';
import styles from '../charts/charts.module.css';
import { ChartExport } from '../charts/ChartExport.tsx';
import { HoveredRun } from './HoveredRun.tsx';
import { methodMarks } from './methodMarks.ts';
import { type Margin, PlotFrame } from '../charts/PlotFrame.tsx';
import { RunMarks } from './RunMark.tsx';
import { type Axis, decimalsFor } from '../charts/scales.ts';
import { SeedSpreads } from './SeedSpreads.tsx';

const MARGIN: Margin = { top: 8, right: 16, bottom: 4 };

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
  const scene = useMemo(
    () => composeAccuracy(dataset, runs, previousRun, metric, split, size, spanOf(size, dataset, runs)),
    [dataset, runs, previousRun, metric, split, size],
  );
  const label = `${metric.label} on the ${split} split against ${size.phrase}, ${scene.points.length} runs. The table of runs shows the numbers.`;
  return (
    <div className={styles.stack} data-testid="accuracy-chart">
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {area.width > 0 && <Plot scene={scene} metric={metric} size={size} area={area} />}
        <HoveredRun />
        {scene.points.length === 0 && (
          <p className={styles.teach}>
            Each finished run becomes a point. Drag α or the budget and let go: the next run starts, and the
            chart shows what {size.id === 'parameters' ? 'the parameters' : 'the memory of training'} bought.
          </p>
        )}
      </div>
      <div className={styles.foot}>
        <AccuracyLegend scene={scene} />
        {scene.points.length > 0 && <ChartExport plot={box} scene={scene} />}
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

interface PlotProps {
  readonly scene: AccuracyData;
  readonly metric: Metric;
  readonly size: RunSize;
  readonly area: Size;
}

/** Redrawn when a run ends, not while one trains: what moves draws itself over it. */
const Plot = memo(function Plot({ scene, metric, size, area }: PlotProps) {
  const yTicks = linearTicks(scene.y);
  const x: Axis = { scale: 'log', domain: scene.x, ticks: sizeTicks(scene.x), format: size.formatTick };
  const y: Axis = { scale: 'linear', domain: scene.y, ticks: yTicks, format: decimalsFor(yTicks) };
  return (
    <PlotFrame size={area} margin={MARGIN} x={x} y={y}>
      <SteppedLine points={scene.uniform} stroke={methodMarks.uniform.color} dashes="6 4" />
      <SteppedLine points={scene.front} stroke="var(--text)" dashes={undefined} />
      <RunPaths paths={scene.paths} />
      <SizeLine size={size} />
      <SeedSpreads groups={scene.groups} digits={metric.digits} />
      <LivePoint metric={metric} size={size} />
      <BestPossible scene={scene} metric={metric} />
      <RunMarks scene={scene} />
    </PlotFrame>
  );
});
