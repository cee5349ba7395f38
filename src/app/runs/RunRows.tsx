import { Pencil, RotateCcw, Shrink, Trash2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { MethodId } from '../../settings/settings.ts';
import { methodMarks } from '../accuracy/methodMarks.ts';
import { formatCount, formatDim, formatDuration } from '../shared/format.ts';
import { isQueued, type QueuedRun, type RequestedRun } from './requestedRun.ts';
import { readMetric } from '../accuracy/metrics.ts';
import { isConclusive, isTrained, type RunRecord } from './runRecord.ts';
import { describeFitted, describeReason } from './runWords.ts';
import { useApp, useDimmer, useLive, useMetric } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import type { RunColumn } from './runColumns.ts';
import styles from './RunRows.module.css';

interface RunRowProps {
  readonly run: RunRecord;
  readonly columns: readonly RunColumn[];
  readonly isBest: boolean;
}

export function RunRow({ run, columns, isBest }: RunRowProps) {
  const { runList, inspect } = useDimmer();
  const isHovered = useApp((state) => state.hoveredRuns.includes(run.id));
  const [isRenaming, setIsRenaming] = useState(false);
  const [, ...rest] = columns;
  const about = [describeReason(run), describeFitted(run)].filter(Boolean).join(', ');

  function rename(name: string): void {
    setIsRenaming(false);
    runList.rename(run.id, name);
  }

  return (
    <tr
      data-testid="run-row"
      data-run={run.id}
      data-hovered={isHovered}
      onPointerEnter={() => runList.hover([run.id])}
      onPointerLeave={() => runList.hover([])}
    >
      <th scope="row" title={about}>
        <span className={styles.nameCell}>
          <Swatch method={run.result.settings.method} filled={isConclusive(run)} />
          {isRenaming ? (
            <NameBox name={run.name} onDone={rename} />
          ) : (
            <button
              type="button"
              className={styles.name}
              title={`${run.name}. ${about}. What its test split says.`}
              onClick={() => inspect.open(run.id)}
            >
              {run.name}
            </button>
          )}
          {isBest && (
            <span
              className={styles.best}
              title="The best value on the validation split; what is shown of the test split has chosen nothing"
            >
              best
            </span>
          )}
          {!isConclusive(run) && <span className={styles.state}>{run.result.reason}</span>}
        </span>
      </th>
      {rest.map((column) => (
        <td key={column.id}>{column.format(run)}</td>
      ))}
      <td>
        <span className={styles.actions}>
          <ModelButton run={run} />
          {isTrained(run) && (
            <RowButton
              label={`Reload the settings of ${run.name}`}
              onClick={() => runList.reloadSettings(run.id)}
            >
              <RotateCcw size={14} aria-hidden="true" />
            </RowButton>
          )}
          <RowButton label={`Rename ${run.name}`} onClick={() => setIsRenaming(true)}>
            <Pencil size={14} aria-hidden="true" />
          </RowButton>
          <RowButton label={`Delete ${run.name}`} onClick={() => runList.remove([run.id])}>
            <Trash2 size={14} aria-hidden="true" />
          </RowButton>
        </span>
      </td>
    </tr>
  );
}

function ModelButton({ run: { id, name } }: { readonly run: RunRecord }) {
  const { models } = useDimmer();
  const isKept = useApp((state) => state.models.includes(id));
  const label = `Compress or download the model of ${name}`;
  return (
    <button
      type="button"
      className={controls.tiny}
      aria-label={label}
      title={
        isKept ? label : 'The model of this run is not kept any more, or was never evaluated: train it again'
      }
      data-testid="model"
      disabled={!isKept}
      onClick={() => models.open(id)}
    >
      <Shrink size={14} aria-hidden="true" />
    </button>
  );
}

interface RowButtonProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function RowButton({ label, onClick, children }: RowButtonProps) {
  return (
    <button type="button" className={controls.tiny} aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

function NameBox({ name, onDone }: { readonly name: string; readonly onDone: (name: string) => void }) {
  return (
    <input
      className={styles.nameBox}
      aria-label="Name of the run"
      defaultValue={name}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to type here
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => onDone(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') onDone(name);
      }}
    />
  );
}

/** The run in progress, at its last evaluation on validation. */
export function LiveRow({ columns }: { readonly columns: readonly RunColumn[] }) {
  const current = useApp((state) => state.current);
  const metric = useMetric();
  const parameters = useLive((run) => run.allocation?.parameters);
  const baseDim = useLive((run) => run.allocation?.baseDim);
  const value = useLive((run) => readMetric(run.validation ?? undefined, metric.id));
  const step = useLive((run) => run.step);
  if (!current) return null;
  const cells: Readonly<Record<string, string>> = {
    parameters: parameters === undefined ? '–' : formatCount(parameters),
    baseDim: baseDim === undefined ? '–' : formatDim(baseDim),
    [metric.id]: value?.toFixed(metric.digits) ?? '–',
    steps: formatCount(step),
  };
  return (
    <tr className={styles.live}>
      <th scope="row">
        <span className={styles.nameCell}>
          <Swatch method={current.settings.method} filled={false} />
          <span className={styles.text}>{current.name}</span>
          <span className={styles.state}>
            {current.isPaused ? 'paused' : current.compression ? 'compressing' : 'training'}
          </span>
        </span>
      </th>
      {columns.slice(1).map((column) => (
        <td key={column.id}>{cells[column.id] ?? ''}</td>
      ))}
      <td>{isQueued(current) && <CancelButton run={current} />}</td>
    </tr>
  );
}

function CancelButton({ run: { id, name } }: { readonly run: RequestedRun }) {
  const { queue } = useDimmer();
  return (
    <span className={styles.actions}>
      <RowButton label={`Cancel ${name}`} onClick={() => queue.cancel([id])}>
        <X size={14} aria-hidden="true" />
      </RowButton>
    </span>
  );
}

/** Queued runs shown until the user asks for all: the table is for finished runs. */
const WAITING_SHOWN = 4;

export function WaitingRows({ columns }: { readonly columns: readonly RunColumn[] }) {
  const queue = useApp((state) => state.queue);
  const aside = useApp((state) => state.aside);
  const datasetKey = useApp((state) => state.datasetKey);
  const [showsAll, setShowsAll] = useState(false);
  const here = queue.filter((run) => run.datasetKey === datasetKey);
  const shown = showsAll ? here : here.slice(0, WAITING_SHOWN);
  return (
    <>
      {aside.map((run) => (
        <QueuedRow key={run.id} run={run} columns={columns} isTraining />
      ))}
      {shown.map((run) => (
        <QueuedRow key={run.id} run={run} columns={columns} />
      ))}
      {here.length > WAITING_SHOWN && (
        <tr className={styles.waiting}>
          <td colSpan={columns.length + 1}>
            <button
              type="button"
              className={controls.small}
              aria-expanded={showsAll}
              onClick={() => setShowsAll(!showsAll)}
            >
              {showsAll ? 'Show fewer' : `${here.length - WAITING_SHOWN} more wait: show all`}
            </button>
          </td>
        </tr>
      )}
    </>
  );
}

interface QueuedRowProps {
  readonly run: QueuedRun;
  readonly columns: readonly RunColumn[];
  /** Beside the run in progress. */
  readonly isTraining?: boolean;
}

function QueuedRow({ run, columns, isTraining = false }: QueuedRowProps) {
  return (
    <tr className={styles.waiting} data-testid="queued-row">
      <th scope="row">
        <span className={styles.nameCell}>
          <Swatch method={run.settings.method} filled={false} />
          <span className={styles.text}>{run.name}</span>
          <span className={styles.state}>{isTraining ? 'training beside' : 'queued'}</span>
        </span>
      </th>
      <td>{run.settings.budget === null ? '' : formatCount(run.settings.budget)}</td>
      <td colSpan={columns.length - 2} />
      <td>
        <CancelButton run={run} />
      </td>
    </tr>
  );
}

/** The run that the current one replaced. It enters the list only if the user keeps it. */
export function PreviousRunRow({ columns }: { readonly columns: readonly RunColumn[] }) {
  const { runList } = useDimmer();
  const previousRun = useApp((state) =>
    state.runs.some(({ id }) => id === state.previousRun?.id) ? null : state.previousRun,
  );
  if (!previousRun) return null;
  return (
    <tr
      className={styles.waiting}
      onPointerEnter={() => runList.hover([previousRun.id])}
      onPointerLeave={() => runList.hover([])}
    >
      <th scope="row">
        <span className={styles.nameCell}>
          <Swatch method={previousRun.result.settings.method} filled={false} />
          <span className={styles.text}>{previousRun.name}</span>
          <span className={styles.state}>previous run, {formatDuration(previousRun.result.seconds)}</span>
        </span>
      </th>
      {columns.slice(1).map((column) => (
        <td key={column.id}>{column.id === 'seconds' ? '' : column.format(previousRun)}</td>
      ))}
      <td>
        <span className={styles.actions}>
          <RowButton
            label={`Go back to the settings of ${previousRun.name}`}
            onClick={() => runList.reloadSettings(previousRun.id)}
          >
            <RotateCcw size={14} aria-hidden="true" />
          </RowButton>
          <button
            type="button"
            className={controls.small}
            title={`Keep ${previousRun.name} in the list`}
            onClick={runList.keepPreviousRun}
          >
            Keep
          </button>
        </span>
      </td>
    </tr>
  );
}

function Swatch({ method, filled }: { readonly method: MethodId; readonly filled: boolean }) {
  const { path, color, label } = methodMarks[method];
  return (
    <svg className={styles.swatch} width="12" height="12" viewBox="-6 -6 12 12" role="img" aria-label={label}>
      <path d={path} fill={filled ? color : 'none'} stroke={color} strokeWidth={filled ? 0 : 1.5} />
    </svg>
  );
}
