import { defaultSettings, type Settings } from '../../settings/settings.ts';

export interface SizesState {
  /** As they stand under the user's hand. */
  readonly settings: Settings;
  /** The settings before the drag, the typing or the key presses that are not over yet. */
  readonly editingFrom: Settings | null;
  readonly history: History<Settings>;
}

/** Undo and redo over immutable values. The present is held elsewhere: in the store. */
export interface History<T> {
  readonly past: readonly T[];
  readonly future: readonly T[];
}

/** Entries kept; the oldest are forgotten. */
const HISTORY_LIMIT = 200;

export const emptyHistory: History<never> = { past: [], future: [] };

/** `before` was the present until now. What had been undone can no longer be redone. */
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
