import { useMemo } from 'react';
import { bytesBesideData } from '../../program/memory.ts';
import { estimatedBytes } from '../memory/state.ts';
import { readMetric, type Metric } from './metrics.ts';
import type { FrontPoint } from '../runs/runRecord.ts';
import type { RunSize } from '../runs/runSize.ts';
import { useApp, useLive } from '../useDimmer.ts';
import type { AccuracyData, RunPath } from './accuracyData.ts';
import { PlotLine } from '../charts/PlotLine.tsx';
import { type Pixels, usePixels } from '../charts/usePixels.ts';
import styles from '../charts/charts.module.css';

interface FrontLineProps {
  readonly points: readonly FrontPoint[];
  /** Where the axis ends. */
  readonly last: number;
  readonly stroke: string;
  readonly dashes?: string;
}

/** A front: what a budget reaches stays reached with a larger one. */
export function FrontLine({ points, last, stroke, dashes }: FrontLineProps) {
  const places = useMemo(
    () =>
      [...points, ...points.slice(-1).map(({ value }) => ({ size: last, value }))].map(({ size, value }) => ({
        x: size,
        y: value,
      })),
    [points, last],
  );
  return <PlotLine points={places} stroke={stroke} width={1.25} dashes={dashes} isStepped />;
}

/** The sizes of a run that was resized while it trained, joined in their order: a ring for each it has left. */
export function RunPaths({ paths }: { readonly paths: readonly RunPath[] }) {
  const pixels = usePixels();
  if (!pixels) return null;
  return paths.map(({ id, points }) => (
    <PathLine key={id} points={points} pixels={pixels} stroke="var(--muted)" testId="run-path" />
  ));
}

interface PathLineProps {
  readonly points: RunPath['points'];
  readonly pixels: Pixels;
  readonly stroke: string;
  readonly testId: string;
}

function PathLine({ points, pixels, stroke, testId }: PathLineProps) {
  const places = points.map(({ size, value }) => [pixels.x(size), pixels.y(value)] as const);
  return (
    <g fill="none" stroke={stroke} pointerEvents="none" data-testid={testId} data-points={points.length}>
      <path d={`M${places.map(([x, y]) => `${x},${y}`).join('L')}`} strokeWidth={1.5} />
      {places.slice(0, -1).map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={3} fill="var(--ground)" />
      ))}
    </g>
  );
}

/** Where the settings stand: moves under the hand without the chart. */
export function SizeLine({ size }: { readonly size: RunSize }) {
  const pixels = usePixels();
  const asked = useApp((state) =>
    size.id === 'parameters' ? state.allocation?.parameters : estimatedBytes(state.memory),
  );
  if (!pixels || asked === undefined) return null;
  const x = Math.round(pixels.x(asked)) + 0.5;
  return (
    <path
      d={`M${x},${pixels.top}V${pixels.bottom}`}
      data-passing
      stroke="var(--accent)"
      strokeOpacity={0.45}
      pointerEvents="none"
    />
  );
}

interface BestPossibleProps {
  readonly data: AccuracyData;
  readonly metric: Metric;
}

/** What the data allows, where that is known. Too far off to show: at the edge of the scale, with an arrow. */
export function BestPossible({ data, metric }: BestPossibleProps) {
  const pixels = usePixels();
  const { bestPossible, bestIsFar } = data;
  if (!pixels || bestPossible === undefined) return null;
  const y = pixels.y(bestPossible);
  const isHigher = metric.better === 'higher';
  const arrow = bestIsFar ? (isHigher ? ' ↑' : ' ↓') : '';
  return (
    <g pointerEvents="none">
      <path d={`M${pixels.left},${y}H${pixels.right}`} stroke="var(--muted)" strokeDasharray="2 4" />
      <text
        x={pixels.right - 5}
        y={isHigher ? y + 5 : y - 5}
        dy={isHigher ? '0.71em' : undefined}
        textAnchor="end"
        fill="var(--muted)"
        fontSize={12}
      >
        {`best possible ${bestPossible.toFixed(metric.digits)}${arrow}`}
      </text>
    </g>
  );
}

/** The run in progress, at what the validation split says so far. A value off the scale stays at its edge. */
export function LivePoint({ metric, size }: { readonly metric: Metric; readonly size: RunSize }) {
  const pixels = usePixels();
  const isCurrent = useApp((state) => state.current !== null);
  const own = useLive((run) =>
    size.id === 'parameters' ? run.allocation?.parameters : run.memory && bytesBesideData(run.memory.bytes),
  );
  const value = useLive((run) => readMetric(run.validation ?? undefined, metric.id));
  const stages = useLive((run) => run.stages);
  if (!pixels || !isCurrent || own == null || value === undefined) return null;
  const path = stages.flatMap((stage) => {
    const before = readMetric(stage.metrics.validation, metric.id);
    return before === undefined ? [] : [{ size: size.ofStage(stage), value: before }];
  });
  const now = { size: own, value };
  return (
    <g data-passing>
      {path.length > 0 && (
        <PathLine points={[...path, now]} pixels={pixels} stroke="var(--accent)" testId="live-path" />
      )}
      <g
        transform={`translate(${pixels.x(own)},${pixels.y(value)})`}
        data-testid="live-point"
        data-value={value}
        pointerEvents="none"
      >
        <circle r={6} fill="var(--ground)" stroke="var(--accent)" strokeWidth={2} />
        <circle r={2} fill="var(--accent)" className={styles.pulse} />
      </g>
    </g>
  );
}
