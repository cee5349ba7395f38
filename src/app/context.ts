import type { EngineChannel, LoaderClient } from '../worker/client.ts';
import type { ModelStorage } from './models/modelStorage.ts';
import type { RunStorage } from './runs/runStorage.ts';
import type { AppStore, Notice } from './appState.ts';
import type { LiveRecorder } from './runs/liveRun.ts';

/** Everything an action may touch. Made once, in createDimmer. */
export interface Context {
  readonly store: AppStore;
  readonly recorder: LiveRecorder;
  readonly engine: EngineChannel;
  readonly loader: LoaderClient;
  readonly runStorage: RunStorage;
  readonly modelStorage: ModelStorage;
}

/** Messages that need no answer go away by themselves. */
const INFO_NOTICE_MS = 8000;

let lastNotice = 0;

export function addNotice({ store }: Pick<Context, 'store'>, notice: Omit<Notice, 'id'>): number {
  const id = ++lastNotice;
  const same = (other: Notice): boolean => other.title === notice.title && other.remedy === notice.remedy;
  store.setState(({ notices }) => ({
    notices: [...notices.filter((other) => !same(other)), { ...notice, id }],
  }));
  if (notice.kind === 'info') setTimeout(() => dismissNotice({ store }, id), INFO_NOTICE_MS);
  return id;
}

export function dismissNotice({ store }: Pick<Context, 'store'>, id: number): void {
  const { notices, seenFallback } = store.getState();
  const dismissed = notices.find((notice) => notice.id === id);
  if (!dismissed) return;
  const isFallback = dismissed.kind === 'warning' && dismissed.diagnostics;
  store.setState({
    notices: notices.filter((notice) => notice !== dismissed),
    seenFallback: isFallback ? dismissed.title : seenFallback,
  });
}

/** For whatever was thrown: errors of this project carry a remedy. */
export function reportError(context: Pick<Context, 'store'>, error: unknown, diagnostics = false): void {
  const { message = String(error), remedy } = error as { message?: string; remedy?: string };
  addNotice(context, {
    kind: 'error',
    title: message,
    remedy: remedy ?? 'Try again; if it happens again, copy the diagnostics and report it.',
    diagnostics,
  });
}
