import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ScoredFormat } from '../../training/scoring/scoredTable.ts';
import { pickFile, saveFile } from '../shared/files.ts';
import { formatCount, pluralize } from '../shared/format.ts';
import { Modal } from '../shared/Modal.tsx';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';
import { type ScoredFile, scoreFile } from './scoreFile.ts';

/** What the dialog has come to. */
type Stage =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'scoring'; readonly share: number }
  | { readonly kind: 'scored'; readonly scored: ScoredFile; readonly name: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Predicts the lines of a file with the model of a run, or with one that was downloaded before. */
export function ScoreDialog() {
  const { ui, models } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'score');
  const run = useApp(({ runs, modelOf }) => runs.find(({ id }) => id === modelOf));
  const [ownModel, setOwnModel] = useState<File>();
  const [data, setData] = useState<File>();
  const [format, setFormat] = useState<ScoredFormat>('csv');
  const [stage, setStage] = useState<Stage>({ kind: 'choosing' });
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const modelName = ownModel?.name ?? run?.name;

  function close(): void {
    abort.current.abort();
    setStage({ kind: 'choosing' });
    ui.openDialog(null);
  }

  async function start(file: File): Promise<void> {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setStage({ kind: 'scoring', share: 0 });
    try {
      const model = ownModel ?? (run && (await models.complete(run)));
      if (!model) throw new Error('The model is not kept any more: choose one that was downloaded.');
      const show = (share: number): void => setStage({ kind: 'scoring', share });
      const scored = await scoreFile({ model, file, format }, show, signal);
      setStage({ kind: 'scored', scored, name: `${file.name} scored.${format}` });
    } catch (error) {
      const { message, remedy = '' } = error as Error & { readonly remedy?: string };
      if (!signal.aborted) setStage({ kind: 'failed', message: `${message} ${remedy}` });
    }
  }

  return (
    <Modal
      title="Score a file"
      description="A table with a prediction for every line, in its order. Nothing leaves this tab."
      isOpen={isOpen}
      onClose={close}
    >
      <div className={forms.fields}>
        <div className={forms.field}>
          <span>Model</span>
          <button
            type="button"
            className={controls.button}
            data-testid="score-model"
            onClick={() => pickFile(setOwnModel)}
          >
            {modelName ?? 'Choose a file…'}
          </button>
          <small>Of a run, or a .safetensors file that was downloaded.</small>
        </div>
        <div className={forms.field}>
          <span>File</span>
          <button
            type="button"
            className={controls.button}
            data-testid="score-data"
            onClick={() => pickFile(setData)}
          >
            {data?.name ?? 'Choose a file…'}
          </button>
          <small>With the columns that the model was trained on; the label may be missing.</small>
        </div>
        <label className={forms.field}>
          <span>Table</span>
          <select
            className={controls.select}
            value={format}
            onChange={(event) => setFormat(event.currentTarget.value as ScoredFormat)}
          >
            <option value="csv">CSV</option>
            <option value="parquet">Parquet</option>
          </select>
        </label>
      </div>
      {stage.kind === 'scored' && <Outcome {...stage} />}
      <div className={forms.actions}>
        {stage.kind === 'failed' && <span role="alert">{stage.message}</span>}
        {stage.kind === 'scoring' && (
          <span role="status" className={controls.muted}>
            {Math.floor(100 * stage.share)} % of the file
          </span>
        )}
        <button
          type="button"
          className={controls.primary}
          data-testid="score-start"
          disabled={!data || modelName === undefined || stage.kind === 'scoring'}
          onClick={() => data && void start(data)}
        >
          Score
        </button>
      </div>
    </Modal>
  );
}

function Outcome({
  scored: { table, report },
  name,
}: {
  readonly scored: ScoredFile;
  readonly name: string;
}) {
  const { scored, refused, metrics, labelled } = report;
  return (
    <>
      <p role="status" data-testid="scored">
        {pluralize(scored, 'line')} scored{labelled > 0 && `, ${formatCount(labelled)} with a label`}.
      </p>
      {metrics && (
        <p className={controls.muted}>
          {'auc' in metrics
            ? `AUC ${metrics.auc.toFixed(4)}, log loss ${metrics.logLoss.toFixed(4)}`
            : 'rmse' in metrics && `RMSE ${metrics.rmse.toFixed(4)}`}
        </p>
      )}
      {refused.length > 0 && (
        <ul className={controls.muted} aria-label="Lines not scored">
          {refused.map(({ reason, count, firstLine }) => (
            <li key={reason}>
              {pluralize(count, 'line')} not scored: {reason}, first in line {firstLine}.
            </li>
          ))}
        </ul>
      )}
      <div className={forms.actions}>
        <button
          type="button"
          className={controls.button}
          data-testid="score-download"
          onClick={() => saveFile(name, table)}
        >
          <Download size={16} aria-hidden="true" /> Download scores
        </button>
      </div>
    </>
  );
}
