import { memo, useRef, useState } from 'react';
import { formatShort } from '../shared/format.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import { LineKey } from '../accuracy/AccuracyLegend.tsx';
import { type Interval, linearTicks } from '../accuracy/accuracyData.ts';
import styles from '../charts/charts.module.css';
import { type LossDomain, lossDomain, stepDomain } from './lossDomains.ts';
import { LossLines } from './LossLines.tsx';
import { type Margin, PlotFrame } from '../charts/PlotFrame.tsx';
import { type Axis, decimalsFor } from '../charts/scales.ts';

const MARGIN: Margin = { top: 8, right: 8, bottom: 0 };

export function LossChart({ label }: { readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const totalSteps = useLive((run) => run.totalSteps);
  const previousRun = useApp((state) => state.previousRun);
  const [shown, setShown] = useState<LossDomain | null>(null);
  const domain = lossDomain([train, validation, previousRun?.trainLoss, previousRun?.validationLoss], shown);
  if (domain !== shown) setShown(domain);
  const [low, high] = domain;
  const isEmpty = train.steps.length === 0;
  return (
    <div className={styles.stack}>
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && (
          <Axes size={size} lastStep={stepDomain(totalSteps, train)} low={low} high={high} />
        )}
        {isEmpty && !previousRun && (
          <p className={styles.teach}>The loss of every step, once a run trains.</p>
        )}
      </div>
      <ul className={styles.legend} aria-label="Legend">
        <LineKey label="Train" stroke="var(--series-mixed)" width={1.25} />
        <LineKey label="Validation" stroke="var(--series-validation)" width={2} dashes="5 3" />
        {previousRun && <LineKey label="Run before" stroke="var(--edge)" width={1} />}
      </ul>
    </div>
  );
}

interface AxesProps {
  readonly size: Size;
  readonly lastStep: number;
  readonly low: number;
  readonly high: number;
}

/** Drawn anew when a domain changes, not at every flush: the lines draw themselves over it. */
const Axes = memo(function Axes({ size, lastStep, low, high }: AxesProps) {
  const steps: Interval = [0, lastStep];
  const losses: Interval = [low, high];
  const yTicks = linearTicks(losses, 4);
  const x: Axis = { scale: 'linear', domain: steps, ticks: linearTicks(steps, 5), format: formatShort };
  const y: Axis = { scale: 'linear', domain: losses, ticks: yTicks, format: decimalsFor(yTicks) };
  return (
    <PlotFrame size={size} margin={MARGIN} x={x} y={y}>
      <LossLines lastStep={lastStep} />
    </PlotFrame>
  );
});
