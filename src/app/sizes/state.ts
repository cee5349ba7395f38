import { defaultSettings, type Settings } from '../../settings/settings.ts';

export interface SizesState {
  /** The settings that the page shows, also during a drag. */
  readonly settings: Settings;
  /** During a drag or typing: the settings before it. */
  readonly editingFrom: Settings | null;
  readonly history: History<Settings>;
}

/** Values for undo and redo. The present one is not among them. */
export interface History<T> {
  readonly past: readonly T[];
  readonly future: readonly T[];
}

/** Entries kept; the oldest are forgotten. */
const HISTORY_LIMIT = 200;

export const emptyHistory: History<never> = { past: [], future: [] };

/** Adds the value that was present until now; the values for redo are dropped. */
export function record<T>(history: History<T>, before: T): History<T> {
  return { past: [...history.past, before].slice(-HISTORY_LIMIT), future: [] };
}

export interface Travel<T> {
  readonly history: History<T>;
  readonly present: T;
}

export function undo<T>({ past, future }: History<T>, present: T): Travel<T> | null {
  if (past.length === 0) return null;
  return {
    history: { past: past.slice(0, -1), future: [present, ...future] },
    present: past[past.length - 1],
  };
}

export function redo<T>({ past, future }: History<T>, present: T): Travel<T> | null {
  if (future.length === 0) return null;
  return { history: { past: [...past, present], future: future.slice(1) }, present: future[0] };
}

export const initialSizes: SizesState = {
  settings: defaultSettings,
  editingFrom: null,
  history: emptyHistory,
};
