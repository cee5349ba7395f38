import { memo, useMemo, useRef } from 'react';
import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import { formatShort } from '../shared/format.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import { LineKey } from '../accuracy/AccuracyLegend.tsx';
import { logTicks } from '../accuracy/accuracyData.ts';
import styles from '../charts/charts.module.css';
import { type Margin, PlotFrame } from '../charts/PlotFrame.tsx';
import type { Axis } from '../charts/scales.ts';
import { SpectrumLines } from './SpectrumLines.tsx';
import { composeSpectrum, powersOfTwo, type SpectrumData } from './spectrumData.ts';

const MARGIN: Margin = { top: 20, right: 8, bottom: 0 };

interface SpectrumChartProps {
  readonly report: FieldReport;
  readonly label: string;
}

/** Singular values on log axes. Drawn anew when there is another look, every few seconds. */
export const SpectrumChart = memo(function SpectrumChart({ report, label }: SpectrumChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const scene = useMemo(() => composeSpectrum(report), [report]);
  return (
    <div className={styles.stack} data-testid="spectrum-chart">
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && <Axes size={size} report={report} scene={scene} />}
      </div>
      <ul className={styles.legend} aria-label="Legend">
        <LineKey label="σ of all rows" stroke="var(--series-mixed)" width={1.5} />
        <LineKey label="as looked up" stroke="var(--series-validation)" width={1.5} dashes="5 3" />
        <LineKey label="k^−β" stroke="var(--edge)" dashes="2 3" />
      </ul>
    </div>
  );
});

const formatValue = (value: number): string => (value < 1e-3 ? value.toExponential(0) : formatShort(value));

interface AxesProps {
  readonly size: Size;
  readonly report: FieldReport;
  readonly scene: SpectrumData;
}

function Axes({ size, report, scene }: AxesProps) {
  const x: Axis = { scale: 'log', domain: scene.x, ticks: powersOfTwo(scene.x), format: String };
  const y: Axis = { scale: 'log', domain: scene.y, ticks: logTicks(scene.y), format: formatValue };
  return (
    <PlotFrame size={size} margin={MARGIN} x={x} y={y}>
      <SpectrumLines report={report} scene={scene} />
    </PlotFrame>
  );
}
