import { memo, useMemo, useRef } from 'react';
import { CartesianGrid, ReferenceLine, Scatter, ScatterChart, XAxis, YAxis } from 'recharts';
import { formatShort } from '../format.ts';
import { scaleFor } from '../store/plan.ts';
import type { Metric } from '../store/metrics.ts';
import { useApp } from '../useDimmer.ts';
import { useMetric, useRunsHere } from '../useRuns.ts';
import { type Size, useSize } from '../useSize.ts';
import { AccuracyLegend } from './AccuracyLegend.tsx';
import { BudgetLine, LivePoint, SteppedLine } from './accuracyOverlays.tsx';
import { type AccuracyScene, composeScene, linearTicks, logTicks } from './accuracyScene.ts';
import styles from './charts.module.css';
import { ChartExport } from './ChartExport.tsx';
import { HoveredRun } from './HoveredRun.tsx';
import { methodMarks } from './methodMarks.ts';
import { RunMark } from './RunMark.tsx';
import { SeedSpreads } from './SeedSpreads.tsx';

const MARGIN = { top: 8, right: 16, bottom: 4, left: 0 };

export function AccuracyChart() {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const dataset = useApp((state) => state.dataset)!;
  const ghost = useApp((state) => state.ghost);
  const split = useApp((state) => state.split);
  const runs = useRunsHere();
  const metric = useMetric();
  const scene = useMemo(() => {
    const { min, max } = scaleFor(dataset);
    return composeScene(dataset, runs, ghost, metric, split, [min, max]);
  }, [dataset, runs, ghost, metric, split]);
  const label = `${metric.label} on the ${split} split against parameters of the embedding layer, ${scene.points.length} runs. The table of runs shows the numbers.`;
  return (
    <div className={styles.stack} data-testid="accuracy-chart">
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && <Plot scene={scene} metric={metric} size={size} />}
        <HoveredRun />
        {scene.points.length === 0 && (
          <p className={styles.teach}>
            Each finished run becomes a point. Drag α or the budget and let go: the next run starts, and the
            chart shows what the parameters bought.
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

interface PlotProps {
  readonly scene: AccuracyScene;
  readonly metric: Metric;
  readonly size: Size;
}

/** Redrawn when a run ends, not while one trains: what moves draws itself over it. */
const Plot = memo(function Plot({ scene, metric, size }: PlotProps) {
  const xTicks = useMemo(() => [...logTicks(scene.x)], [scene.x]);
  const yTicks = useMemo(() => [...linearTicks(scene.y)], [scene.y]);
  const xDomain = useMemo(() => [...scene.x], [scene.x]);
  const yDomain = useMemo(() => [...scene.y], [scene.y]);
  const digits = yTicks.length > 1 ? Math.max(0, -Math.floor(Math.log10(yTicks[1] - yTicks[0]) + 1e-9)) : 2;
  return (
    <ScatterChart width={size.width} height={size.height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        dataKey="parameters"
        type="number"
        scale="log"
        domain={xDomain}
        ticks={xTicks}
        tickFormatter={formatShort}
        allowDataOverflow
        tickLine={false}
        stroke="var(--edge)"
        tick={TICK}
        height={24}
      />
      <YAxis
        dataKey="value"
        type="number"
        domain={yDomain}
        ticks={yTicks}
        tickFormatter={(value: number) => value.toFixed(digits)}
        allowDataOverflow
        tickLine={false}
        axisLine={false}
        tick={TICK}
        width={48}
      />
      {scene.bestPossible !== undefined && (
        <ReferenceLine
          y={scene.bestIsFar ? scene.y[metric.better === 'higher' ? 1 : 0] : scene.bestPossible}
          stroke="var(--muted)"
          strokeDasharray="2 4"
          label={{
            value: `best possible ${scene.bestPossible.toFixed(metric.digits)}${scene.bestIsFar ? (metric.better === 'higher' ? ' ↑' : ' ↓') : ''}`,
            position: metric.better === 'higher' ? 'insideTopRight' : 'insideBottomRight',
            fill: 'var(--muted)',
            fontSize: 12,
          }}
        />
      )}
      <SteppedLine points={scene.uniform} stroke={methodMarks.uniform.color} dashes="6 4" />
      <SteppedLine points={scene.front} stroke="var(--text)" dashes={undefined} />
      <BudgetLine />
      <Scatter data={scene.points} shape={RunMark} isAnimationActive={false} />
      <SeedSpreads groups={scene.groups} digits={metric.digits} />
      <LivePoint metric={metric} />
    </ScatterChart>
  );
});

const TICK = { fill: 'var(--muted)', fontSize: 12 };
