import type { DatasetSummary } from '../../worker/protocol.ts';
import type { Watched } from '../../training/spectrumWatch.ts';
import type { AppState } from './appState.ts';

/** What the engine is to look at; null: nothing. */
export function watchedOf(state: AppState): Watched | null {
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
