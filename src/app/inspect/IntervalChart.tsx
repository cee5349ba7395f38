import { type ReactNode, useCallback, useMemo, useRef } from 'react';
import styles from '../charts/charts.module.css';
import { type Axis, LinePlot } from '../charts/Plot.tsx';
import { diamond, disc, type Place, PlotLine } from '../charts/PlotLine.tsx';
import { TooltipBox, type TooltipRow } from '../charts/TooltipBox.tsx';
import { usePixels } from '../charts/usePixels.ts';
import { useSize } from '../shared/useSize.ts';

/** A point with the interval of its height. */
export interface IntervalPoint extends Place {
  readonly low: number;
  readonly high: number;
  readonly title: string;
  readonly rows: readonly TooltipRow[];
}

interface IntervalChartProps {
  /** Says what is drawn. */
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly points: readonly IntervalPoint[];
  /** Drawn dashed behind the points. */
  readonly reference: readonly Place[];
  readonly marksReference?: boolean;
  readonly legend: ReactNode;
}

export const REFERENCE_DASHES = '4 3';

/** Points with whiskers, and what they are compared with. */
export function IntervalChart(props: IntervalChartProps) {
  const { label, x, y, points, reference, marksReference = false, legend } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const stops = useMemo(() => points.map((point) => point.x), [points]);
  const tell = useCallback(
    (at: number) => {
      const point = points.find((each) => each.x === at);
      return point ? <TooltipBox title={point.title} rows={point.rows} /> : null;
    },
    [points],
  );
  return (
    <div className={styles.stack}>
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && (
          <LinePlot size={size} x={x} y={y} stops={stops} tell={tell}>
            <PlotLine
              points={reference}
              stroke="var(--muted)"
              dashes={REFERENCE_DASHES}
              mark={marksReference ? diamond : undefined}
            />
            <Whiskers points={points} />
            <PlotLine points={points} stroke="var(--accent)" width={1.5} mark={disc} />
          </LinePlot>
        )}
      </div>
      <ul className={styles.legend} aria-label="Legend">
        {legend}
      </ul>
    </div>
  );
}

function Whiskers({ points }: { readonly points: readonly IntervalPoint[] }) {
  const pixels = usePixels();
  if (!pixels) return null;
  const bars = points
    .filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high))
    .map(({ x, low, high }) => {
      const [at, top, bottom] = [pixels.x(x), pixels.y(high), pixels.y(low)];
      return `M${at - 3},${top}h6M${at},${top}V${bottom}M${at - 3},${bottom}h6`;
    });
  return <path d={bars.join('')} fill="none" stroke="var(--accent)" pointerEvents="none" />;
}
