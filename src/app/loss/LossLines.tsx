import { useMemo } from 'react';
import { disc, type Place, PlotLine } from '../charts/PlotLine.tsx';
import { useApp, useLive } from '../useDimmer.ts';
import { type Curve, emptyCurve } from './curve.ts';

/** Evaluations up to this many are marked by a dot each. */
const MOST_DOTS = 12;

export const lossStrokes = {
  train: 'var(--series-mixed)',
  validation: 'var(--series-validation)',
  before: 'var(--edge)',
} as const;
export const VALIDATION_DASHES = '5 3';

/** The lines of the run in progress and of the one before, six times a second at most. */
export function LossLines({ lastStep }: { readonly lastStep: number }) {
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const previousRun = useApp((state) => state.previousRun);
  const trainBefore = usePlaces(previousRun?.trainLoss ?? emptyCurve, lastStep);
  const validationBefore = usePlaces(previousRun?.validationLoss ?? emptyCurve, lastStep);
  return (
    <>
      <PlotLine points={trainBefore} stroke={lossStrokes.before} opacity={0.5} />
      <PlotLine points={validationBefore} stroke={lossStrokes.before} dashes={VALIDATION_DASHES} />
      <PlotLine points={usePlaces(train, lastStep)} stroke={lossStrokes.train} width={1.25} opacity={0.75} />
      <PlotLine
        points={usePlaces(validation, lastStep)}
        stroke={lossStrokes.validation}
        width={2}
        dashes={VALIDATION_DASHES}
        mark={validation.steps.length < MOST_DOTS ? disc : undefined}
      />
    </>
  );
}

/** Up to the end of the axis: what a longer run before did later is left out. */
function usePlaces({ steps, values }: Curve, lastStep: number): readonly Place[] {
  return useMemo(
    () => steps.flatMap((step, i) => (step <= lastStep ? [{ x: step, y: values[i] }] : [])),
    [steps, values, lastStep],
  );
}
