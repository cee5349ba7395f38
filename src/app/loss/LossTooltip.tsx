import { lossLabels } from '../accuracy/metrics.ts';
import { TooltipBox } from '../charts/TooltipBox.tsx';
import { formatCount } from '../shared/format.ts';
import { useApp, useLive } from '../useDimmer.ts';
import { type Curve, valueNear } from './curve.ts';
import { lossStrokes, VALIDATION_DASHES } from './LossLines.tsx';

/** The losses around a step. */
export function LossTooltip({ step }: { readonly step: number }) {
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const previousRun = useApp((state) => state.previousRun);
  const label = lossLabels[useApp((state) => state.dataset?.task ?? 'click')];
  const rows = [
    { label: 'Train', stroke: lossStrokes.train, value: read(train, step) },
    {
      label: 'Validation',
      stroke: lossStrokes.validation,
      dashes: VALIDATION_DASHES,
      value: read(validation, step),
    },
    { label: 'Run before', stroke: lossStrokes.before, value: read(previousRun?.trainLoss, step) },
    {
      label: 'its validation',
      stroke: lossStrokes.before,
      dashes: VALIDATION_DASHES,
      value: read(previousRun?.validationLoss, step),
    },
  ];
  const known = rows.flatMap((row) => (row.value === undefined ? [] : [{ ...row, value: row.value }]));
  if (known.length === 0) return null;
  return <TooltipBox title={`${label} at step ${formatCount(step)}`} rows={known} />;
}

function read(curve: Curve | undefined, step: number): string | undefined {
  return curve && valueNear(curve, step)?.toFixed(4);
}
