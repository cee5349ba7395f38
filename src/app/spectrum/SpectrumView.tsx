import { useDeferredValue, useMemo, useState } from 'react';
import { methods } from '../../compression/methods.ts';
import type { FieldReport, SpectrumSnapshot } from '../../training/spectrum/fieldReport.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { SpectrumChart } from './SpectrumChart.tsx';
import { formatCount } from '../shared/format.ts';
import type { Spectra } from '../runs/liveRun.ts';
import { savedQueryOf, keptRuns, spectrumFieldOf } from './spectrumView.ts';
import { useApp, useDimmer, useLive } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './spectrum.module.css';
import { SpectrumFacts } from './SpectrumFacts.tsx';
import { describeChart, describeMoment } from './spectrumWords.ts';
import { SurprisingRows, ValueTable } from './SpectrumTables.tsx';
import { storedParameters } from '../../training/events/events.ts';

/** What the vectors of one field hold, while they are trained: looked at every few seconds, and once more when the run is over. */
export function SpectrumView({ dataset }: { readonly dataset: DatasetSummary }) {
  const field = useApp((state) => spectrumFieldOf(state, dataset));
  // Redrawn after what is dearer to wait for.
  const spectra = useDeferredValue(useLive((run) => run.spectra));
  const snapshot = spectra?.snapshots.get(field);
  return (
    <div className={styles.view} data-testid="spectrum" data-step={snapshot?.step}>
      <div className={styles.choices}>
        <FieldChoice dataset={dataset} field={field} />
        <RunChoice />
        <ExactButton
          rows={dataset.fields[field].cardinality}
          isShort={snapshot?.report?.typicalError === 0}
        />
        {spectra && snapshot && (
          <span className={styles.moment} data-testid="spectrum-moment">
            {describeMoment(spectra.run.name, snapshot)}
          </span>
        )}
      </div>
      {spectra && snapshot?.report && snapshot.report.rank > 0 ? (
        <FieldSpectrumView
          dataset={dataset}
          field={field}
          report={snapshot.report}
          settings={spectra.run.settings}
        />
      ) : (
        <Nothing name={dataset.fields[field].name} spectra={spectra} snapshot={snapshot} />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly dataset: DatasetSummary;
  readonly field: number;
}

function FieldChoice({ dataset, field }: ChoiceProps) {
  const { ui } = useDimmer();
  return (
    <label>
      <span className={controls.visuallyHidden}>Field</span>
      <select
        className={controls.smallSelect}
        value={field}
        onChange={(event) => ui.showSpectrum(Number(event.currentTarget.value))}
      >
        {dataset.fields.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of the run in progress, or of any run before it whose model is kept. */
function RunChoice() {
  const { ui } = useDimmer();
  const trains = useApp(({ current }) => current !== null && !current.compression);
  const chosen = useApp((state) => state.spectrumRun);
  const runs = useApp((state) => state.runs);
  const models = useApp((state) => state.models);
  const datasetKey = useApp((state) => state.datasetKey);
  const kept = useMemo(() => keptRuns({ runs, models, datasetKey }), [runs, models, datasetKey]);
  if (kept.length === 0) return null;
  return (
    <label>
      <span className={controls.visuallyHidden}>Run</span>
      <select
        className={controls.smallSelect}
        value={kept.some(({ id }) => id === chosen) ? chosen! : ''}
        data-testid="spectrum-run"
        onChange={(event) => ui.show({ spectrumRun: event.currentTarget.value || null })}
      >
        <option value="">{trains ? 'Run in progress' : 'Last run'}</option>
        {kept.map(({ id, name, result }) => (
          <option key={id} value={id}>
            {name}, {formatCount(storedParameters(result))}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ExactButtonProps {
  readonly rows: number;
  /** So short a table is never sketched, or was not in this snapshot. */
  readonly isShort: boolean;
}

/** Pressed: every measurement reads all rows, and there are fewer of them. */
function ExactButton({ rows, isShort }: ExactButtonProps) {
  const { ui } = useDimmer();
  const isExact = useApp((state) => state.spectrumIsExact);
  const canLook = useApp((state) => state.current !== null || savedQueryOf(state) !== null);
  const all = `all ${formatCount(rows)} rows`;
  return (
    <button
      type="button"
      className={controls.small}
      aria-pressed={isExact}
      disabled={!isExact && (!canLook || isShort)}
      data-testid="spectrum-exact"
      title={titleOf()}
      onClick={() => ui.show({ spectrumIsExact: !isExact })}
    >
      Exact: {formatCount(rows)} rows
    </button>
  );

  function titleOf(): string {
    if (isExact) return `Every measurement reads ${all}; press for sketches again`;
    if (isShort) return `Exact as it is: ${all} are read, since a sketch would be no shorter`;
    if (!canLook) return `Reads ${all} of a run that trains, or whose model is kept; there is none`;
    return `Reads ${all} instead of a sketch of them. While a run trains: the longer that takes, the rarer it is measured`;
  }
}

interface FieldSpectrumViewProps extends ChoiceProps {
  readonly report: FieldReport;
  readonly settings: Spectra['run']['settings'];
}

function FieldSpectrumView({ dataset, field, report, settings }: FieldSpectrumViewProps) {
  const [table, setTable] = useState<'rows' | 'values'>('rows');
  const { name, rareId } = dataset.fields[field];
  return (
    <div className={styles.field}>
      <div className={styles.chart}>
        <SpectrumChart report={report} label={describeChart(name, report)} />
      </div>
      <div className={styles.side}>
        <SpectrumFacts report={report} settings={settings} />
        <label className={styles.choice}>
          <span className={controls.visuallyHidden}>Numbers</span>
          <select
            className={controls.smallSelect}
            value={table}
            onChange={(event) => setTable(event.currentTarget.value as 'rows' | 'values')}
          >
            <option value="rows">Rows that matter more than their popularity says</option>
            <option value="values">Singular values</option>
          </select>
        </label>
        {/* It scrolls: the keyboard must reach it. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={styles.table} role="group" aria-label={`Numbers of ${name}`} tabIndex={0}>
          {table === 'rows' ? (
            <SurprisingRows report={report} rareId={rareId} />
          ) : (
            <ValueTable report={report} />
          )}
        </div>
      </div>
    </div>
  );
}

interface NothingProps {
  readonly name: string;
  readonly spectra: Spectra | null;
  readonly snapshot: SpectrumSnapshot | undefined;
}

/** Why there is nothing to see, and how there will be. */
function Nothing({ name, spectra, snapshot }: NothingProps) {
  const trains = useApp((state) => state.current !== null);
  const isKept = useApp((state) => savedQueryOf(state) !== null);
  if (snapshot?.problem)
    return (
      <p className={styles.teach} role="alert">
        {name} could not be looked at. {snapshot.problem}
      </p>
    );
  return (
    <p className={styles.teach} role="status">
      {sentenceFor()}
    </p>
  );

  function sentenceFor(): string {
    if (snapshot?.report)
      return `All vectors of ${name} are zero or no longer numbers at this step: there is no direction to draw.`;
    if (snapshot && spectra)
      return `With ${methods[spectra.run.settings.method].label} the vectors of ${name} are more than rows of a table: shared, combined, computed or coded. There is no table to take apart. Uniform, low rank, mixed dimension and full tables have a spectrum.`;
    if (trains || isKept)
      return `Looking at ${name} … The spectrum shows which directions its vectors use, and how many dims they would need.`;
    if (spectra)
      return `The run is over, ${name} was not looked at, and its model is not kept. Train again (R): it is drawn as soon as the run is under way.`;
    return `Train a run (Space): the spectrum of ${name} is drawn as soon as it is under way, and every few seconds.`;
  }
}
