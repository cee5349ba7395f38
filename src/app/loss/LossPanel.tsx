import { lazy, Suspense, useState } from 'react';
import { formatCount } from '../shared/format.ts';
import { lossLabels } from '../accuracy/metrics.ts';
import { useApp, useChartsDue, useLive } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { Panel } from '../shared/Panel.tsx';
import panel from '../shared/Panel.module.css';

const LossChart = lazy(() => import('./LossChart.tsx').then((module) => ({ default: module.LossChart })));

export function LossPanel() {
  const [asTable, setAsTable] = useState(false);
  const task = useApp((state) => state.dataset?.task ?? 'click');
  const name = lossLabels[task];
  const isDue = useChartsDue();
  const tools = (
    <button
      type="button"
      className={controls.small}
      aria-pressed={asTable}
      onClick={() => setAsTable(!asTable)}
    >
      Table
    </button>
  );
  return (
    <Panel title="Loss" note={name} tools={tools}>
      {asTable && <LossTable name={name} />}
      <div className={panel.view} hidden={asTable}>
        <Suspense>
          {isDue && (
            <LossChart
              label={`${name} against steps, train and validation. The button Table shows the numbers.`}
            />
          )}
        </Suspense>
      </div>
    </Panel>
  );
}

/** A row an evaluation; the training loss is the mean around that step. */
function LossTable({ name }: { readonly name: string }) {
  const train = useLive((run) => run.trainLoss);
  const validation = useLive((run) => run.validationLoss);
  const steps = validation.steps.length > 0 ? validation.steps : train.steps.filter((_, i) => i % 10 === 0);
  return (
    <div className={controls.scroll}>
      <table className={controls.table}>
        <caption className={controls.visuallyHidden}>{name} by step</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Train</th>
            <th scope="col">Validation</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step, i) => (
            <tr key={step}>
              <th scope="row">{formatCount(step)}</th>
              <td>{train.values[nearest(train.steps, step)]?.toFixed(5) ?? '–'}</td>
              <td>{validation.steps.length > 0 ? validation.values[i].toFixed(5) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Index of the last step at or before; steps increase. */
function nearest(steps: readonly number[], step: number): number {
  const after = steps.findIndex((candidate) => candidate > step);
  return after === -1 ? steps.length - 1 : Math.max(0, after - 1);
}
