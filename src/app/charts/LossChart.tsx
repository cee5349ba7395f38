import { memo, useMemo, useRef, useState } from 'react';
import { CartesianGrid, LineChart, XAxis, YAxis } from 'recharts';
import { formatShort } from '../format.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Size, useSize } from '../useSize.ts';
import { LineKey } from './AccuracyLegend.tsx';
import { linearTicks } from './accuracyScene.ts';
import styles from './charts.module.css';
import { type LossDomain, lossDomain, stepDomain } from './lossDomains.ts';
import { LossLines } from './LossLines.tsx';

const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };
const TICK = { fill: 'var(--muted)', fontSize: 12 };

export function LossChart({ label }: { readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const totalSteps = useLive((run) => run.totalSteps);
  const ghost = useApp((state) => state.ghost);
  const [shown, setShown] = useState<LossDomain | null>(null);
  const domain = lossDomain([train, validation, ghost?.trainLoss, ghost?.validationLoss], shown);
  if (domain !== shown) setShown(domain);
  const [low, high] = domain;
  const isEmpty = train.steps.length === 0;
  return (
    <div className={styles.stack}>
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && (
          <Axes size={size} lastStep={stepDomain(totalSteps, train)} low={low} high={high} />
        )}
        {isEmpty && !ghost && <p className={styles.teach}>The loss of every step, once a run trains.</p>}
      </div>
      <ul className={styles.legend} aria-label="Legend">
        <LineKey label="Train" stroke="var(--series-mixed)" width={1.25} />
        <LineKey label="Validation" stroke="var(--series-validation)" width={2} dashes="5 3" />
        {ghost && <LineKey label="Run before" stroke="var(--edge)" width={1} />}
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
  const xDomain = useMemo(() => [0, lastStep] as const, [lastStep]);
  const yDomain = useMemo(() => [low, high] as const, [low, high]);
  const yTicks = useMemo(() => [...linearTicks(yDomain, 4)], [yDomain]);
  const digits = yTicks.length > 1 ? Math.max(0, -Math.floor(Math.log10(yTicks[1] - yTicks[0]) + 1e-9)) : 2;
  return (
    <LineChart width={size.width} height={size.height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        dataKey="step"
        type="number"
        domain={[...xDomain]}
        ticks={[...linearTicks(xDomain, 5)]}
        allowDataOverflow
        tickFormatter={formatShort}
        tickLine={false}
        stroke="var(--edge)"
        tick={TICK}
        height={24}
      />
      <YAxis
        dataKey="loss"
        type="number"
        domain={[...yDomain]}
        ticks={yTicks}
        tickFormatter={(value: number) => value.toFixed(digits)}
        allowDataOverflow
        tickLine={false}
        axisLine={false}
        tick={TICK}
        width={48}
      />
      <LossLines lastStep={lastStep} />
    </LineChart>
  );
});
