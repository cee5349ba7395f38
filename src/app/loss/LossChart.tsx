import { memo, type ReactNode, useMemo, useRef, useState } from 'react';
import { lossLabels } from '../accuracy/metrics.ts';
import { formatShort } from '../shared/format.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Size, useSize } from '../shared/useSize.ts';
import styles from '../charts/charts.module.css';
import { LineKey } from '../charts/LineKey.tsx';
import { type Axis, LinePlot } from '../charts/Plot.tsx';
import { decimalsFor, linearTicks } from '../charts/ticks.ts';
import { type LossDomain, lossDomain, stepDomain } from './lossDomains.ts';
import { LossLines, lossStrokes, VALIDATION_DASHES } from './LossLines.tsx';
import { LossTooltip } from './LossTooltip.tsx';

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
        <LineKey label="Train" stroke={lossStrokes.train} width={1.25} />
        <LineKey label="Validation" stroke={lossStrokes.validation} width={2} dashes={VALIDATION_DASHES} />
        {previousRun && <LineKey label="Run before" stroke={lossStrokes.before} width={1} />}
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

/** Closer than this the points of a line are not either. */
const MOST_STOPS = 150;

/** Whole steps from the first to the last. */
function stopsUpTo(lastStep: number): readonly number[] {
  const count = Math.min(MOST_STOPS, lastStep);
  return Array.from({ length: count }, (_, i) => Math.round(((i + 1) * lastStep) / count));
}

const tell = (step: number): ReactNode => <LossTooltip step={step} />;

/** Drawn anew when a domain changes, not at every flush: the lines draw themselves over it. */
const Axes = memo(function Axes({ size, lastStep, low, high }: AxesProps) {
  const label = lossLabels[useApp((state) => state.dataset?.task ?? 'click')];
  const x = useMemo((): Axis => {
    const steps = [0, lastStep] as const;
    return {
      title: 'Step',
      scale: 'linear',
      domain: steps,
      ticks: linearTicks(steps, 5),
      format: formatShort,
    };
  }, [lastStep]);
  const y = useMemo((): Axis => {
    const losses = [low, high] as const;
    const ticks = linearTicks(losses, 4);
    return { title: label, scale: 'linear', domain: losses, ticks, format: decimalsFor(ticks) };
  }, [label, low, high]);
  const stops = useMemo(() => stopsUpTo(lastStep), [lastStep]);
  return (
    <LinePlot size={size} x={x} y={y} stops={stops} tell={tell}>
      <LossLines lastStep={lastStep} />
    </LinePlot>
  );
});
