import { memo, useMemo, useRef } from 'react';
import { CartesianGrid, Line, LineChart, XAxis, YAxis } from 'recharts';
import { formatShort } from '../format.ts';
import type { Curve } from '../store/curve.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Size, useSize } from '../useSize.ts';
import { LineKey } from './AccuracyLegend.tsx';
import { linearTicks } from './accuracyScene.ts';
import styles from './charts.module.css';

const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };
const VALIDATION_DOT = { r: 2.5, fill: 'var(--series-validation)', stroke: 'none' };
const TICK = { fill: 'var(--muted)', fontSize: 12 };

export function LossChart({ label }: { readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const totalSteps = useLive((run) => run.totalSteps);
  const ghost = useApp((state) => state.ghost);
  const isEmpty = train.steps.length === 0;
  return (
    <div className={styles.stack}>
      <div ref={box} className={styles.plot} role="img" aria-label={label}>
        {size.width > 0 && (
          <Plot
            size={size}
            train={train}
            validation={validation}
            ghostTrain={ghost?.trainLoss}
            ghostValidation={ghost?.validationLoss}
            totalSteps={totalSteps}
          />
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

interface PlotProps {
  readonly size: Size;
  readonly train: Curve;
  readonly validation: Curve;
  readonly ghostTrain: Curve | undefined;
  readonly ghostValidation: Curve | undefined;
  readonly totalSteps: number;
}

interface Point {
  readonly step: number;
  readonly loss: number;
}

function usePoints(curve: Curve | undefined): Point[] {
  return useMemo(() => curve?.steps.map((step, i) => ({ step, loss: curve.values[i] })) ?? [], [curve]);
}

const Plot = memo(function Plot({
  size,
  train,
  validation,
  ghostTrain,
  ghostValidation,
  totalSteps,
}: PlotProps) {
  const trainPoints = usePoints(train);
  const validationPoints = usePoints(validation);
  const ghostTrainPoints = usePoints(ghostTrain);
  const ghostValidationPoints = usePoints(ghostValidation);
  const xDomain = useMemo(
    () => [0, Math.max(1, train.steps.at(-1) ?? 0, reach(totalSteps, train))],
    [totalSteps, train],
  );
  const y = lossDomain([train, validation, ghostTrain, ghostValidation]);
  const yTicks = [...linearTicks(y, 4)];
  const digits = yTicks.length > 1 ? Math.max(0, -Math.floor(Math.log10(yTicks[1] - yTicks[0]) + 1e-9)) : 2;
  const grey = { stroke: 'var(--edge)', strokeWidth: 1, dot: false, isAnimationActive: false } as const;
  return (
    <LineChart width={size.width} height={size.height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        dataKey="step"
        type="number"
        domain={xDomain}
        ticks={[...linearTicks([0, xDomain[1]], 5)]}
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
        domain={[...y]}
        ticks={yTicks}
        tickFormatter={(value: number) => value.toFixed(digits)}
        allowDataOverflow
        tickLine={false}
        axisLine={false}
        tick={TICK}
        width={48}
      />
      <Line data={ghostTrainPoints} dataKey="loss" {...grey} strokeOpacity={0.5} />
      <Line data={ghostValidationPoints} dataKey="loss" {...grey} strokeDasharray="5 3" />
      <Line
        data={trainPoints}
        dataKey="loss"
        stroke="var(--series-mixed)"
        strokeOpacity={0.75}
        strokeWidth={1.25}
        dot={false}
        isAnimationActive={false}
      />
      <Line
        data={validationPoints}
        dataKey="loss"
        stroke="var(--series-validation)"
        strokeWidth={2}
        strokeDasharray="5 3"
        dot={validationPoints.length < 12 ? VALIDATION_DOT : false}
        isAnimationActive={false}
      />
    </LineChart>
  );
});

/**
 * Early stopping ends most runs long before their last step: the axis shows four times what was
 * trained until the total is near, so that the beginning is readable. It only widens.
 */
function reach(totalSteps: number, train: Curve): number {
  const trained = train.steps.at(-1) ?? 0;
  let shown = totalSteps;
  while (shown / 2 >= Math.max(trained * 1.25, 64)) shown /= 2;
  return Math.ceil(shown);
}

/** From the least loss to the 98th percentile: a first step far off does not flatten the rest. */
function lossDomain(curves: readonly (Curve | undefined)[]): readonly [number, number] {
  const values = curves.flatMap((curve) => [...(curve?.values ?? [])]).sort((a, b) => a - b);
  if (values.length === 0) return [0, 1];
  const low = values[0];
  const high = Math.max(values[Math.floor((values.length - 1) * 0.98)], low + 1e-6);
  const margin = Math.max((high - low) * 0.08, 1e-4);
  return [Math.max(0, low - margin), high + margin];
}
