import { type ReactNode, useCallback, useMemo } from 'react';
import {
  type BaseTickContentProps,
  CartesianGrid,
  LineChart,
  ScatterChart,
  Tooltip,
  type TooltipContentProps,
  XAxis,
  YAxis,
} from 'recharts';
import type { Size } from '../shared/useSize.ts';
import type { Interval } from './ticks.ts';
import { usePixels } from './usePixels.ts';

/** One axis of a plot, in data units. */
export interface Axis {
  readonly title: string;
  readonly scale: 'linear' | 'log';
  readonly domain: Interval;
  /** Within the domain, in ascending order. */
  readonly ticks: readonly number[];
  readonly format: (tick: number) => string;
}

interface PlotProps {
  readonly size: Size;
  /** Pixels above the plot. */
  readonly top?: number;
  readonly x: Axis;
  readonly y: Axis;
  /** Drawn over the grid, in their order. */
  readonly children: ReactNode;
}

interface LinePlotProps extends PlotProps {
  /** Where a tooltip may stand along x, the same array until they change. */
  readonly stops: readonly number[];
  /** What it says there. */
  readonly tell: (x: number) => ReactNode;
}

/** Lines, with a tooltip at the stop that is nearest to the pointer along x. */
export function LinePlot({ size, top, x, y, stops, tell, children }: LinePlotProps) {
  const data = useMemo(() => stops.map((stop) => ({ x: stop })), [stops]);
  const content = useCallback(
    ({ active, label }: TooltipContentProps) => (active && typeof label === 'number' ? tell(label) : null),
    [tell],
  );
  return (
    <LineChart {...size} data={data} margin={useMargin(top)} style={PLACE} accessibilityLayer={false}>
      <Axes x={x} y={y} />
      {children}
      <Tooltip content={content} cursor={CURSOR} isAnimationActive={false} wrapperStyle={SHOWN} />
    </LineChart>
  );
}

/** Marks that draw themselves, with PinnedTooltip among them: Recharts does not follow the pointer here. */
export function MarkPlot({ size, top, x, y, children }: PlotProps) {
  return (
    <ScatterChart {...size} margin={useMargin(top)} style={PLACE} accessibilityLayer={false}>
      <Axes x={x} y={y} />
      {children}
    </ScatterChart>
  );
}

interface PinnedTooltipProps {
  /** In data units. */
  readonly x: number;
  readonly y: number;
  readonly children: ReactNode;
}

/** Beside a point of the plot, on the side where there is more room. */
export function PinnedTooltip({ x, y, children }: PinnedTooltipProps) {
  const pixels = usePixels();
  if (!pixels) return null;
  const left = pixels.x(x);
  const isRight = left < (pixels.left + pixels.right) / 2;
  const share = (pixels.y(y) - pixels.top) / (pixels.bottom - pixels.top);
  const wrapperStyle = {
    ...SHOWN,
    transform: `translate(${isRight ? GAP : -GAP}px) translate(${isRight ? 0 : -100}%, ${-100 * share}%)`,
    left,
    top: pixels.y(y),
  } as const;
  const content = () => children;
  return <Tooltip active content={content} cursor={false} wrapperStyle={wrapperStyle} />;
}

/** Pixels between a point and its tooltip. */
const GAP = 14;
/** Recharts hides a tooltip without values of its own. */
const SHOWN = { visibility: 'visible' } as const;
/** Out of the flow: its box decides how large it is. */
const PLACE = { position: 'absolute' } as const;
/** Of 12 px, as all labels. */
const TICK = { fill: 'var(--muted)', fontSize: 12 };
/** Not empty, or the grid measures the labels of an axis whose lines it does not draw. */
const NONE = [0];
const CURSOR = { fill: 'none', stroke: 'var(--edge)', strokeDasharray: '2 2' };
/** Ticks and a title below them. */
const X_HEIGHT = 40;
/** A title and ticks of six letters: by "auto" every change of ticks draws the chart twice. */
const Y_WIDTH = 70;

const useMargin = (top = 8) => useMemo(() => ({ top, right: 8, bottom: 0, left: 0 }), [top]);

/** In the order of the document: what comes after is drawn over it. */
function Axes({ x, y }: { readonly x: Axis; readonly y: Axis }) {
  return (
    <>
      <CartesianGrid
        syncWithTicks
        vertical={false}
        verticalPoints={NONE}
        stroke="var(--line)"
        shapeRendering="crispEdges"
        zIndex={0}
      />
      <XAxis
        {...useAxis(x, X_LABEL)}
        dataKey="x"
        stroke="var(--edge)"
        height={X_HEIGHT}
        shapeRendering="crispEdges"
      />
      <YAxis {...useAxis(y, Y_LABEL)} dataKey="y" axisLine={false} width={Y_WIDTH} interval={0} />
    </>
  );
}

const X_LABEL = { ...TICK, position: 'insideBottom', offset: 4 } as const;
const Y_LABEL = {
  ...TICK,
  position: 'insideLeft',
  offset: 8,
  angle: -90,
  style: { textAnchor: 'middle' },
} as const;

function useAxis({ title, scale, domain, ticks, format }: Axis, label: typeof X_LABEL | typeof Y_LABEL) {
  return useMemo(
    () => ({
      type: 'number' as const,
      scale,
      domain: [...domain],
      ticks: [...ticks],
      tickFormatter: format,
      tick: drawTick,
      niceTicks: 'none' as const,
      tickLine: false,
      allowDataOverflow: true,
      label: { ...label, value: title },
      zIndex: 0,
    }),
    [title, scale, domain, ticks, format, label],
  );
}

/** Recharts' own Text measures every word of every label in the document. */
function drawTick({ x, y, index, payload, textAnchor, className, tickFormatter }: BaseTickContentProps) {
  return (
    <text
      {...TICK}
      className={className}
      x={x}
      y={y}
      dy={textAnchor === 'middle' ? '0.71em' : '0.355em'}
      textAnchor={textAnchor}
    >
      {tickFormatter?.(payload.value, index)}
    </text>
  );
}
