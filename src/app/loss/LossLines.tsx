import { memo } from 'react';
import type { Curve } from './curve.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Pixels, usePixels } from '../charts/usePixels.ts';

/** Evaluations up to this many are marked by a dot each. */
const MOST_DOTS = 12;

/** The lines of the run in progress and of the one before, over axes that stand still: six times a second. */
export function LossLines({ lastStep }: { readonly lastStep: number }) {
  const pixels = usePixels();
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const previousRun = useApp((state) => state.previousRun);
  return (
    <g fill="none" pointerEvents="none">
      {previousRun && (
        <g stroke="var(--edge)">
          <Line curve={previousRun.trainLoss} lastStep={lastStep} pixels={pixels} opacity={0.5} />
          <Line curve={previousRun.validationLoss} lastStep={lastStep} pixels={pixels} dashes="5 3" />
        </g>
      )}
      <g stroke="var(--series-mixed)">
        <Line curve={train} lastStep={lastStep} pixels={pixels} width={1.25} opacity={0.75} />
      </g>
      <g stroke="var(--series-validation)">
        <Line curve={validation} lastStep={lastStep} pixels={pixels} width={2} dashes="5 3" />
      </g>
      {validation.steps.length < MOST_DOTS &&
        validation.steps.map((step, i) => (
          <circle
            key={step}
            cx={pixels.x(step)}
            cy={pixels.y(validation.values[i])}
            r={2.5}
            fill="var(--series-validation)"
          />
        ))}
    </g>
  );
}

interface LineProps {
  readonly curve: Curve;
  /** Of the axis: what a longer run before did later is left out. */
  readonly lastStep: number;
  readonly pixels: Pixels;
  readonly width?: number;
  readonly opacity?: number;
  readonly dashes?: string;
}

/** Values off the scale stay at its edge. */
const Line = memo(function Line({ curve, lastStep, pixels, width = 1, opacity, dashes }: LineProps) {
  const points = curve.steps
    .filter((step) => step <= lastStep)
    .map((step, i) => `${pixels.x(step).toFixed(1)},${pixels.y(curve.values[i]).toFixed(1)}`);
  if (points.length === 0) return null;
  return (
    <path d={`M${points.join('L')}`} strokeWidth={width} strokeOpacity={opacity} strokeDasharray={dashes} />
  );
});
