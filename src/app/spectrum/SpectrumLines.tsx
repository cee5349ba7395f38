import { useMemo } from 'react';
import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import { diamond, disc, PlotLine } from '../charts/PlotLine.tsx';
import type { Interval } from '../charts/ticks.ts';
import { type Pixels, usePixels } from '../charts/usePixels.ts';
import type { SpectrumLine, SpectrumData } from './spectrumData.ts';

interface SpectrumLinesProps {
  readonly report: FieldReport;
  readonly data: SpectrumData;
}

export const spectrumStrokes = {
  plain: 'var(--series-mixed)',
  weighted: 'var(--series-validation)',
  fitted: 'var(--edge)',
} as const;
export const WEIGHTED_DASHES = '5 3';

/** What is drawn between the axes of a spectrum. */
export function SpectrumLines({ report, data }: SpectrumLinesProps) {
  const { plain, weighted, fitted } = data;
  const pixels = usePixels();
  const fit = useMemo(
    () => fitted?.map((y, end) => ({ x: end === 0 ? 1 : plain.values.length, y })) ?? [],
    [fitted, plain],
  );
  return (
    <>
      {pixels && <KeptRanks report={report} pixels={pixels} />}
      <PlotLine points={fit} stroke={spectrumStrokes.fitted} dashes="2 3" />
      <Line
        line={weighted}
        pixels={pixels}
        stroke={spectrumStrokes.weighted}
        dashes={WEIGHTED_DASHES}
        mark={diamond}
      />
      <Line line={plain} pixels={pixels} stroke={spectrumStrokes.plain} mark={disc} />
      {pixels && <DimsInUse dims={report.dims} pixels={pixels} />}
    </>
  );
}

/** Beyond so many points marks would touch. */
const MOST_MARKS = 40;

interface LineProps {
  readonly line: SpectrumLine;
  readonly pixels: Pixels | null;
  readonly stroke: string;
  readonly dashes?: string;
  readonly mark: string;
}

/** Bars: thin to where the bound is, wide as far as values are off as a rule. */
function Line({ line, pixels, stroke, dashes, mark }: LineProps) {
  const { values, typical, bounds } = line;
  const points = useMemo(() => values.map((y, k) => ({ x: k + 1, y })), [values]);
  return (
    <>
      {pixels && (
        <g stroke={stroke} pointerEvents="none">
          <path d={barsOf(bounds, pixels)} strokeOpacity={0.5} />
          <path d={barsOf(typical, pixels)} strokeWidth={8} strokeOpacity={0.35} />
        </g>
      )}
      <PlotLine
        points={points}
        stroke={stroke}
        width={1.5}
        dashes={dashes}
        mark={values.length <= MOST_MARKS ? mark : undefined}
      />
    </>
  );
}

const place = (pixel: number): string => pixel.toFixed(1);

function barsOf(intervals: readonly Interval[], { x, y, bottom }: Pixels): string {
  return intervals
    .map(([low, high], k) => ({ k, from: low > 0 ? y(low) : bottom, to: y(high) }))
    .filter(({ from, to }) => from > to)
    .map(({ k, from, to }) => `M${place(x(k + 1))},${place(from)}V${place(to)}`)
    .join('');
}

/** Pixels that two labels take beside each other, and half of the longest. */
const BOTH_LABELS = 80;
const HALF_LABEL = 48;

/** How many directions keep 90 and 99 % of the energy of all rows, above the plot. */
function KeptRanks({ report, pixels }: { readonly report: FieldReport; readonly pixels: Pixels }) {
  const { rank90, rank99 } = report;
  if (rank90 === 0) return null;
  const { x, top, bottom } = pixels;
  const isNear = x(rank99) - x(rank90) < BOTH_LABELS;
  const lines = `M${place(x(rank90))},${top}V${bottom}M${place(x(rank99))},${top}V${bottom}`;
  const label = (rank: number, text: string) => (
    <text
      x={x(rank)}
      y={top - 6}
      textAnchor={x(rank) > pixels.right - HALF_LABEL ? 'end' : 'middle'}
      fill="var(--muted)"
      fontSize={12}
    >
      {text}
    </text>
  );
  return (
    <>
      <path d={lines} stroke="var(--muted)" strokeOpacity={0.6} pointerEvents="none" />
      {isNear ? (
        label(rank99, '90, 99 % kept')
      ) : (
        <>
          {label(rank90, '90 %')}
          {label(rank99, '99 % kept')}
        </>
      )}
    </>
  );
}

/** A triangle on the axis for every dim of the field's blocks. */
function DimsInUse({ dims, pixels }: { readonly dims: readonly number[]; readonly pixels: Pixels }) {
  const { x, bottom } = pixels;
  const marks = [...new Set(dims)].map((dim) => `M${place(x(dim))},${bottom - 9}l6,9h-12z`);
  return <path d={marks.join('')} fill="var(--text)" pointerEvents="none" data-testid="spectrum-dims" />;
}
