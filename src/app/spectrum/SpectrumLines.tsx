import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import type { Interval } from '../accuracy/accuracyData.ts';
import type { SpectrumLine, SpectrumData } from './spectrumData.ts';
import { type Pixels, usePixels } from '../charts/usePixels.ts';

interface SpectrumLinesProps {
  readonly report: FieldReport;
  readonly scene: SpectrumData;
}

/** What is drawn between the axes of a spectrum. */
export function SpectrumLines({ report, scene }: SpectrumLinesProps) {
  const pixels = usePixels();
  return (
    <g pointerEvents="none" fill="none">
      <KeptRanks report={report} pixels={pixels} />
      {scene.fitted && <Fitted ends={scene.fitted} last={scene.plain.values.length} pixels={pixels} />}
      <g stroke="var(--series-validation)">
        <Line line={scene.weighted} pixels={pixels} dashes="5 3" mark={diamond} />
      </g>
      <g stroke="var(--series-mixed)">
        <Line line={scene.plain} pixels={pixels} mark={disc} />
      </g>
      <DimsInUse dims={report.dims} pixels={pixels} />
    </g>
  );
}

const disc = 'm-2.5,0a2.5,2.5 0 1 0 5,0a2.5,2.5 0 1 0 -5,0z';
const diamond = 'm0,-3.5l3.5,3.5l-3.5,3.5l-3.5,-3.5z';

/** Beyond so many points marks would touch. */
const MOST_MARKS = 40;

interface LineProps {
  readonly line: SpectrumLine;
  readonly pixels: Pixels;
  readonly dashes?: string;
  /** A path around the point that it is moved to. */
  readonly mark: string;
}

/** Bars: thin to where the bound is, wide as far as values are off as a rule. */
function Line({ line, pixels, dashes, mark }: LineProps) {
  const { values, typical, bounds } = line;
  const points = values.map((value, k) => `${place(pixels.x(k + 1))},${place(pixels.y(value))}`);
  if (points.length === 0) return null;
  return (
    <>
      <path d={barsOf(bounds, pixels)} strokeOpacity={0.5} />
      <path d={barsOf(typical, pixels)} strokeWidth={8} strokeOpacity={0.35} />
      <path d={`M${points.join('L')}`} strokeWidth={1.5} strokeDasharray={dashes} />
      {points.length <= MOST_MARKS && (
        <path d={points.map((point) => `M${point}${mark}`).join('')} fill="var(--ground)" strokeWidth={1.5} />
      )}
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

function Fitted({
  ends,
  last,
  pixels,
}: {
  readonly ends: Interval;
  readonly last: number;
  readonly pixels: Pixels;
}) {
  const { x, y } = pixels;
  return (
    <path
      d={`M${place(x(1))},${place(y(ends[0]))}L${place(x(last))},${place(y(ends[1]))}`}
      stroke="var(--edge)"
      strokeDasharray="2 3"
    />
  );
}

/** Pixels that a label of two takes. */
const LABEL_WIDTH = 32;

/** How many directions keep 90 and 99 % of the energy of all rows, above the plot. */
function KeptRanks({ report, pixels }: { readonly report: FieldReport; readonly pixels: Pixels }) {
  const { rank90, rank99 } = report;
  if (rank90 === 0) return null;
  const { x, top, bottom } = pixels;
  const isNear = x(rank99) - x(rank90) < LABEL_WIDTH;
  const lines = `M${place(x(rank90))},${top}V${bottom}M${place(x(rank99))},${top}V${bottom}`;
  const label = (rank: number, text: string, anchor: 'middle' | 'end') => (
    <text
      x={x(rank)}
      y={top - 6}
      textAnchor={anchor === 'end' || x(rank) > pixels.right - LABEL_WIDTH ? 'end' : 'middle'}
      fill="var(--muted)"
      fontSize={12}
    >
      {text}
    </text>
  );
  return (
    <>
      <path d={lines} stroke="var(--muted)" strokeOpacity={0.6} />
      {isNear ? (
        label(rank99, '90, 99 % kept', 'middle')
      ) : (
        <>
          {label(rank90, '90 %', 'middle')}
          {label(rank99, '99 % kept', 'middle')}
        </>
      )}
    </>
  );
}

/** A triangle on the axis for every dim of the field's blocks. */
function DimsInUse({ dims, pixels }: { readonly dims: readonly number[]; readonly pixels: Pixels }) {
  const { x, bottom } = pixels;
  const marks = [...new Set(dims)].map((dim) => `M${place(x(dim))},${bottom - 9}l6,9h-12z`);
  return <path d={marks.join('')} fill="var(--text)" data-testid="spectrum-dims" />;
}
