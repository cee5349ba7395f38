import { type ChartFigure, toPng } from '../charts/exportChart.ts';
import { exportRuns, type RunFormat } from './exportRuns.ts';
import { lifeOf, reduceRun } from './runLife.ts';
import type { RunRecord } from './runRecord.ts';
import { pluralize } from '../shared/format.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import { copyText, saveFile } from '../shared/files.ts';
import type { KeptModels } from '../models/keptModels.ts';
import type { KeptPredictions } from '../inspect/keptPredictions.ts';
import type { SettingActions } from '../sizes/settingActions.ts';

const formats: Readonly<Record<RunFormat, { readonly label: string; readonly ending: string }>> = {
  csv: { label: 'CSV', ending: 'csv' },
  json: { label: 'JSON', ending: 'json' },
  markdown: { label: 'Markdown', ending: 'md' },
};

export interface RunListActions {
  rename(id: string, name: string): void;
  /** Deletes runs and offers to undo. */
  remove(ids: readonly string[]): void;
  /** Deletes the runs on other data and offers to undo. */
  removeElsewhere(): void;
  /** Sets the settings to those of the run and trains. */
  reloadSettings(id: string): void;
  /** Keeps the previous run as an entry of the list. */
  keepPreviousRun(): void;
  copy(runs: readonly RunRecord[], format: RunFormat): Promise<void>;
  save(runs: readonly RunRecord[], format: RunFormat): void;
  /** An empty list: the pointer has left. */
  hover(ids: readonly string[]): void;
  saveChart(figure: ChartFigure, format: 'svg' | 'png'): Promise<void>;
}

export function createRunListActions(
  context: Context,
  settings: SettingActions,
  { models, predictions }: { readonly models: KeptModels; readonly predictions: KeptPredictions },
): RunListActions {
  const { store, runStorage } = context;
  const stored = (work: Promise<void>): void =>
    void work.catch((error: unknown) => reportError(context, error));

  function put(changed: readonly RunRecord[]): void {
    const ids = new Set(changed.map(({ id }) => id));
    store.setState(({ runs }) => ({
      runs: [...runs.filter(({ id }) => !ids.has(id)), ...changed].sort((a, b) => a.createdAt - b.createdAt),
    }));
    for (const run of changed) stored(runStorage.put(run));
  }

  function remove(ids: readonly string[]): void {
    const removed = store.getState().runs.filter(({ id }) => ids.includes(id));
    if (removed.length === 0) return;
    store.setState((state) => ({
      ...reduceRun(lifeOf(state), { type: 'records-removed', ids }),
      runs: state.runs.filter(({ id }) => !ids.includes(id)),
      hoveredRuns: [],
    }));
    stored(runStorage.remove(ids));
    const bringModelsBack = models.remove(ids);
    const bringPredictionsBack = predictions.remove(ids);
    addNotice(context, {
      kind: 'info',
      title: `Deleted ${removed.length === 1 ? `“${removed[0].name}”` : pluralize(removed.length, 'run')}.`,
      remedy: '',
      diagnostics: false,
      actions: [
        {
          label: 'Undo',
          perform() {
            put(removed);
            bringModelsBack();
            bringPredictionsBack();
          },
        },
      ],
    });
  }

  return {
    rename(id, name) {
      const run = store.getState().runs.find((candidate) => candidate.id === id);
      if (run && name.trim()) put([{ ...run, name: name.trim() }]);
    },
    remove,
    removeElsewhere() {
      const { runs, datasetKey } = store.getState();
      remove(runs.filter((run) => run.datasetKey !== datasetKey).map(({ id }) => id));
    },
    reloadSettings(id) {
      const { runs, previousRun } = store.getState();
      const run =
        runs.find((candidate) => candidate.id === id) ?? (previousRun?.id === id ? previousRun : undefined);
      if (run) settings.change(run.asked);
    },
    keepPreviousRun() {
      const { previousRun } = store.getState();
      if (previousRun) put([previousRun]);
    },
    async copy(runs, format) {
      await copyText(exportRuns(runs, format, store.getState().split));
      addNotice(context, {
        kind: 'info',
        title: `Copied ${pluralize(runs.length, 'run')} as ${formats[format].label}.`,
        remedy: '',
        diagnostics: false,
      });
    },
    save(runs, format) {
      const text = exportRuns(runs, format, store.getState().split);
      saveFile(`dimmer-runs.${formats[format].ending}`, text);
    },
    hover: (hoveredRuns) => store.setState({ hoveredRuns }),
    async saveChart(figure, format) {
      try {
        saveFile(`dimmer-chart.${format}`, format === 'svg' ? figure.svg : await toPng(figure));
      } catch (error) {
        reportError(context, error);
      }
    },
  };
}
