import type { StoreApi } from 'zustand/vanilla';
import { pluralize } from './format.ts';

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly title: string;
  readonly remedy: string;
  readonly diagnostics: boolean;
  /** Offered as buttons. */
  readonly actions?: readonly { readonly label: string; readonly perform: () => void }[];
}

export interface NoticesState {
  readonly notices: readonly Notice[];
  /** The explanation of the CPU fallback that the user has dismissed; it is not shown again. */
  readonly seenFallback: string;
}

export const initialNotices: NoticesState = { notices: [], seenFallback: '' };

export interface NoticeContext {
  readonly store: StoreApi<NoticesState>;
}

/** Notes of kind 'info' are removed after this time. */
const INFO_NOTICE_MS = 8000;

let lastNotice = 0;

export function addNotice({ store }: NoticeContext, notice: Omit<Notice, 'id'>): number {
  const id = ++lastNotice;
  const same = (other: Notice): boolean => other.title === notice.title && other.remedy === notice.remedy;
  store.setState(({ notices }) => ({
    notices: [...notices.filter((other) => !same(other)), { ...notice, id }],
  }));
  if (notice.kind === 'info') setTimeout(() => dismissNotice({ store }, id), INFO_NOTICE_MS);
  return id;
}

export function dismissNotice({ store }: NoticeContext, id: number): void {
  const { notices, seenFallback } = store.getState();
  const dismissed = notices.find((notice) => notice.id === id);
  if (!dismissed) return;
  const isFallback = dismissed.kind === 'warning' && dismissed.diagnostics;
  store.setState({
    notices: notices.filter((notice) => notice !== dismissed),
    seenFallback: isFallback ? dismissed.title : seenFallback,
  });
}

/** Shows an error of any kind; errors of this project carry a remedy. */
export function reportError(context: NoticeContext, error: unknown, diagnostics = false): void {
  const { message = String(error), remedy } = error as { message?: string; remedy?: string };
  addNotice(context, {
    kind: 'error',
    title: message,
    remedy: remedy ?? 'Try again; if it happens again, copy the diagnostics and report it.',
    diagnostics,
  });
}

/** Says that records of earlier visits are not shown. */
export function reportUnread(context: NoticeContext, count: number, kind: string): void {
  addNotice(context, {
    kind: 'warning',
    title: `${pluralize(count, kind)} of earlier visits cannot be read by this version of Dimmer.`,
    remedy: 'They are left as they are: the version that stored them still shows them.',
    diagnostics: false,
  });
}
