import { exportRuns, type RunFormat } from '../store/exportRuns.ts';
import type { RunRecord } from '../store/runRecord.ts';
import { addNotice, type Context, reportError } from './context.ts';
import { copyText, saveFile } from './output.ts';
import type { SettingActions } from './settingActions.ts';

export interface RunListActions {
  rename(id: string, name: string): void;
  /** Offers to undo. */
  remove(ids: readonly string[]): void;
  /** Takes the run's settings and trains them again. */
  reloadSettings(id: string): void;
  /** Keeps the ghost as an entry of the list. */
  keepGhost(): void;
  copy(runs: readonly RunRecord[], format: RunFormat): Promise<void>;
  save(runs: readonly RunRecord[], format: RunFormat): void;
  hover(id: string | null): void;
}

export function createRunListActions(context: Context, settings: SettingActions): RunListActions {
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

  return {
    rename(id, name) {
      const run = store.getState().runs.find((candidate) => candidate.id === id);
      if (run && name.trim()) put([{ ...run, name: name.trim() }]);
    },
    remove(ids) {
      const removed = store.getState().runs.filter(({ id }) => ids.includes(id));
      if (removed.length === 0) return;
      store.setState(({ runs, ghost }) => ({
        runs: runs.filter(({ id }) => !ids.includes(id)),
        ghost: ghost && ids.includes(ghost.id) ? null : ghost,
        hoveredRun: null,
      }));
      stored(runStorage.remove(ids));
      addNotice(context, {
        kind: 'info',
        title: removed.length === 1 ? `Deleted “${removed[0].name}”.` : `Deleted ${removed.length} runs.`,
        remedy: '',
        diagnostics: false,
        action: { label: 'Undo', perform: () => put(removed) },
      });
    },
    reloadSettings(id) {
      const { runs, ghost } = store.getState();
      const run = runs.find((candidate) => candidate.id === id) ?? (ghost?.id === id ? ghost : undefined);
      if (run) settings.change(run.asked);
    },
    keepGhost() {
      const { ghost } = store.getState();
      if (ghost) put([ghost]);
    },
    async copy(runs, format) {
      await copyText(exportRuns(runs, format));
      addNotice(context, {
        kind: 'info',
        title: `Copied ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} as ${format.toUpperCase()}.`,
        remedy: '',
        diagnostics: false,
      });
    },
    save: (runs, format) => saveFile(`dimmer-runs.${format}`, exportRuns(runs, format)),
    hover: (hoveredRun) => store.setState({ hoveredRun }),
  };
}
