import type { DatasetSummary } from '../../worker/protocol.ts';
import type { AppState } from '../appState.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { SpectrumQuery } from '../../training/spectrum/fieldReport.ts';

/** Of the run in progress, what the engine is to measure; null: nothing, and nothing in a tab that nobody sees. */
export function monitoredQueryOf(state: AppState): SpectrumQuery | null {
  return chosenRun(state) || !state.isInSight ? null : openOf(state);
}

/** A finished run that is looked at, by its model, and what of it; null: none. */
export interface SavedQuery extends SpectrumQuery {
  readonly run: RunRecord;
}

/** The run that was chosen, or the last one when none trains: if its model is kept. */
export function savedQueryOf(state: AppState): SavedQuery | null {
  const open = openOf(state);
  const { current, runs, datasetKey, models } = state;
  if (!open) return null;
  const trains = current !== null && !current.compression;
  const last = trains ? undefined : runs.findLast((run) => run.datasetKey === datasetKey);
  const run = chosenRun(state) ?? last;
  return run && models.includes(run.id) ? { ...open, run } : null;
}

/** Runs on this data whose models are kept, the last one first. */
export function keptRuns({
  runs,
  datasetKey,
  models,
}: Pick<AppState, 'runs' | 'datasetKey' | 'models'>): readonly RunRecord[] {
  return runs.filter((run) => run.datasetKey === datasetKey && models.includes(run.id)).toReversed();
}

function chosenRun({ spectrumRun, runs, datasetKey, models }: AppState): RunRecord | undefined {
  if (spectrumRun === null || !models.includes(spectrumRun)) return undefined;
  return runs.find((run) => run.id === spectrumRun && run.datasetKey === datasetKey);
}

function openOf(state: AppState): SpectrumQuery | null {
  const { dimsView, dataset, spectrumIsExact } = state;
  if (dimsView !== 'spectrum' || !dataset) return null;
  return { field: spectrumFieldOf(state, dataset), exact: spectrumIsExact };
}

/** The field that was chosen; the largest until one is. */
export function spectrumFieldOf(
  { spectrumField }: Pick<AppState, 'spectrumField'>,
  dataset: DatasetSummary,
): number {
  return spectrumField ?? largestField(dataset);
}

export function largestField({ fields }: DatasetSummary): number {
  const most = Math.max(...fields.map(({ cardinality }) => cardinality));
  return fields.findIndex(({ cardinality }) => cardinality === most);
}
