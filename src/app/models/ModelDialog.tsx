import { ChartSpline, Download, ListChecks } from 'lucide-react';
import { useMemo } from 'react';
import type { CompressionWayId } from '../../compression/afterTraining.ts';
import { formatCount, pluralize } from '../shared/format.ts';
import type { CompressionChoices } from './state.ts';
import { type CompressionOrders, orderCompressions, whyNotCompressed } from './compressedRuns.ts';
import { type RunRecord } from '../runs/runRecord.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import { Modal } from '../shared/Modal.tsx';
import { storedParameters } from '../../training/events/events.ts';

/** Compresses or downloads the trained weights of a run. */
export function ModelDialog() {
  const { ui, models } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'model');
  const dataset = useApp((state) => state.dataset);
  const run = useApp(({ runs, modelOf, datasetKey }) =>
    runs.find(({ id, datasetKey: key }) => id === modelOf && key === datasetKey),
  );
  const reason = run && whyNotCompressed(run);
  return (
    <Modal
      title="Compress after training"
      description={run && `${run.name}: ${formatCount(storedParameters(run.result))} parameters.`}
      isOpen={isOpen && dataset !== null && run !== undefined}
      onClose={() => ui.openDialog(null)}
    >
      {run && dataset && (
        <>
          {reason ? <p>{reason}</p> : <CompressForm run={run} dataset={dataset} />}
          <div className={forms.actions}>
            <span className={controls.muted}>The model, its values and settings, as safetensors</span>
            <button
              type="button"
              className={controls.button}
              data-testid="model-spectrum"
              onClick={() => {
                ui.openDialog(null);
                ui.show({ dimsView: 'spectrum', spectrumRun: run.id });
              }}
            >
              <ChartSpline size={16} aria-hidden="true" /> Spectrum
            </button>
            <button
              type="button"
              className={controls.button}
              data-testid="model-score"
              onClick={() => models.openScoring(run.id)}
            >
              <ListChecks size={16} aria-hidden="true" /> Score a file…
            </button>
            <button
              type="button"
              className={controls.button}
              data-testid="model-download"
              onClick={() => void models.download(run)}
            >
              <Download size={16} aria-hidden="true" /> Download model
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}

const ways: Readonly<Record<CompressionWayId, { readonly label: string; readonly help: string }>> = {
  truncate: {
    label: 'Truncate',
    help: 'Every table at a smaller rank, with the dims that lose least of what lookups see.',
  },
  quantise: { label: 'Quantise', help: 'Rows rounded to 8 bits, or 4, with a scale and an offset each.' },
  hash: { label: 'Hash', help: 'Ids that meet share a row: the mean of their vectors, by lookups.' },
};

const MOST_STEPS = 100_000;

interface CompressFormProps {
  readonly run: RunRecord;
  readonly dataset: DatasetSummary;
}

function CompressForm({ run, dataset }: CompressFormProps) {
  const { models, ui } = useDimmer();
  const choices = useApp((state) => state.compression);
  const { plan, problem } = useMemo(() => tryPlan(run, choices, dataset), [run, choices, dataset]);
  const count = (plan?.orders.length ?? 0) * (choices.fineTuneSteps > 0 ? 2 : 1);

  function start(): void {
    ui.openDialog(null);
    models.compress(run);
  }

  return (
    <>
      <div className={forms.fields}>
        <label className={forms.field}>
          <span>By</span>
          <select
            className={controls.select}
            value={choices.by}
            data-testid="compress-by"
            onChange={(event) => models.choose({ by: event.currentTarget.value as CompressionWayId })}
          >
            {Object.entries(ways).map(([id, { label }]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
          <small>{ways[choices.by].help}</small>
        </label>
        <label className={forms.field}>
          <span>Budgets</span>
          <input
            className={controls.input}
            value={choices.budgets}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={problem !== ''}
            data-testid="compress-budgets"
            onChange={(event) => models.choose({ budgets: event.currentTarget.value })}
          />
          <small>Parameters, as 10k, or shares of this run’s, as 1/4.</small>
        </label>
        <label className={forms.field}>
          <span>Fine-tuning steps</span>
          <input
            type="number"
            className={controls.input}
            min={0}
            max={MOST_STEPS}
            value={choices.fineTuneSteps}
            data-testid="compress-steps"
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber >= 0)
                models.choose({ fineTuneSteps: Math.min(MOST_STEPS, Math.floor(valueAsNumber)) });
            }}
          />
          <small>With some, each model is shown before and after them.</small>
        </label>
      </div>
      {plan && <LeftOut plan={plan} />}
      <div className={forms.actions}>
        {plan ? (
          <span role="status" className={controls.muted}>
            {pluralize(count, 'model')}, after whatever trains or waits
          </span>
        ) : (
          <span role="alert">{problem}</span>
        )}
        <button
          type="button"
          className={controls.primary}
          data-testid="compress-start"
          disabled={count === 0}
          onClick={start}
        >
          Compress
        </button>
      </div>
    </>
  );
}

function LeftOut({ plan: { unreachable } }: { readonly plan: CompressionOrders }) {
  if (unreachable.length === 0) return null;
  return (
    <ul className={controls.muted} aria-label="Left out">
      {unreachable.map(({ budget, message }) => (
        <li key={budget}>Left out: {message}</li>
      ))}
    </ul>
  );
}

function tryPlan(
  run: RunRecord,
  choices: CompressionChoices,
  dataset: DatasetSummary,
): { readonly plan: CompressionOrders | null; readonly problem: string } {
  try {
    return { plan: orderCompressions(run, choices, dataset), problem: '' };
  } catch (error) {
    const { message, remedy = '' } = error as Error & { remedy?: string };
    return { plan: null, problem: `${message} ${remedy}` };
  }
}
