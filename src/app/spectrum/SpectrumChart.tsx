import { memo, useCallback, useMemo, useRef } from 'react';
import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import { formatShort } from '../shared/format.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import styles from '../charts/charts.module.css';
import { LineKey } from '../charts/LineKey.tsx';
import { type Axis, LinePlot } from '../charts/Plot.tsx';
import { logTicks } from '../charts/ticks.ts';
import { SpectrumLines, spectrumStrokes, WEIGHTED_DASHES } from './SpectrumLines.tsx';
import { SpectrumTooltip } from './SpectrumTooltip.tsx';
import { composeSpectrum, powersOfTwo, type SpectrumData } from './spectrumData.ts';

/** Room for the labels of ranks, in pixels. */
const TOP = 20;

interface SpectrumChartProps {
  readonly report: FieldReport;
  readonly label: string;
}

/** Singular values on log axes. Drawn anew when there is another look, every few seconds. */
export const SpectrumChart = memo(function SpectrumChart({ report, label }: SpectrumChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const data = useMemo(() => composeSpectrum(report), [report]);
  return (
    <div className={styles.stack} data-testid="spectrum-chart">
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && <Axes size={size} report={report} data={data} />}
      </div>
      <ul className={styles.legend} aria-label="Legend">
        <LineKey label="σ of all rows" stroke={spectrumStrokes.plain} />
        <LineKey label="as looked up" stroke={spectrumStrokes.weighted} dashes={WEIGHTED_DASHES} />
        <LineKey label="k^−β" stroke={spectrumStrokes.fitted} dashes="2 3" />
      </ul>
    </div>
  );
});

const formatValue = (value: number): string => (value < 1e-3 ? value.toExponential(0) : formatShort(value));

interface AxesProps {
  readonly size: Size;
  readonly report: FieldReport;
  readonly data: SpectrumData;
}

function Axes({ size, report, data }: AxesProps) {
  const x = useMemo(
    (): Axis => ({
      title: 'Direction k',
      scale: 'log',
      domain: data.x,
      ticks: powersOfTwo(data.x),
      format: String,
    }),
    [data.x],
  );
  const y = useMemo(
    (): Axis => ({
      title: 'Singular value σ',
      scale: 'log',
      domain: data.y,
      ticks: logTicks(data.y),
      format: formatValue,
    }),
    [data.y],
  );
  const tell = useCallback(
    (k: number) => <SpectrumTooltip report={report} data={data} k={k} />,
    [report, data],
  );
  const stops = useMemo(() => data.plain.values.map((_, k) => k + 1), [data.plain]);
  return (
    <LinePlot size={size} top={TOP} x={x} y={y} stops={stops} tell={tell}>
      <SpectrumLines report={report} data={data} />
    </LinePlot>
  );
}
