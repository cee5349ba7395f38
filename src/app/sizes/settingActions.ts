import type { Settings } from '../../settings/settings.ts';
import { record, redo, type Travel, undo } from './state.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import type { SizeChange } from '../../training/resize/sizeChanges.ts';
import type { Context } from '../context.ts';
import type { RunActions } from '../runs/runActions.ts';

/** After a key press the new run waits this long for another. */
const REST_MS = 300;

/** Starts the measurement 'dims-redraw', which dims/DimsChart.tsx ends when the bars are drawn. */
export const DIMS_INPUT_MARK = 'dims-input';

export interface SettingActions {
  /** Changes settings during a drag: dims are computed anew, nothing is trained yet. */
  edit(patch: Partial<Settings>): void;
  /** Ends a drag: adds one entry to the history and trains. */
  commit(): void;
  /** Commits after a rest, which every further call extends. */
  commitAfterRest(): void;
  change(patch: Partial<Settings>): void;
  undo(): void;
  redo(): void;
}

export function createSettingActions(
  context: Context,
  runs: Pick<RunActions, 'start' | 'resize'>,
): SettingActions {
  const { store } = context;
  let rest: ReturnType<typeof setTimeout> | undefined;

  function edit(patch: Partial<Settings>): void {
    performance.mark(DIMS_INPUT_MARK);
    const { settings, editingFrom } = store.getState();
    const next = { ...settings, ...patch };
    if (areEqual(next, settings)) return;
    const dims = decideShownDims({ ...store.getState(), settings: next });
    store.setState({ settings: next, editingFrom: editingFrom ?? settings, ...dims });
  }

  function commit(): void {
    clearTimeout(rest);
    const { editingFrom, settings, history } = store.getState();
    if (!editingFrom) return;
    if (areEqual(editingFrom, settings)) {
      store.setState({ editingFrom: null });
      return;
    }
    store.setState({ editingFrom: null, history: record(history, editingFrom) });
    if (!runs.resize('resize')) runs.start();
  }

  function travel(
    move: (state: ReturnType<typeof store.getState>) => Travel<Settings> | null,
    kind: SizeChange['kind'],
  ): void {
    commit();
    const moved = move(store.getState());
    if (!moved) return;
    const { history, present } = moved;
    const dims = decideShownDims({ ...store.getState(), settings: present });
    store.setState({ history, settings: present, ...dims });
    if (!runs.resize(kind)) runs.start();
  }

  return {
    edit,
    commit,
    commitAfterRest() {
      clearTimeout(rest);
      rest = setTimeout(commit, REST_MS);
    },
    change(patch) {
      edit(patch);
      commit();
    },
    undo: () => travel(({ history, settings }) => undo(history, settings), 'undo'),
    redo: () => travel(({ history, settings }) => redo(history, settings), 'resize'),
  };
}

function areEqual(a: Settings, b: Settings): boolean {
  return (Object.keys(a) as (keyof Settings)[]).every((name) => a[name] === b[name]);
}
