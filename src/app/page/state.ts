import type { BackendStatus } from '../../worker/protocol.ts';

export interface PageState {
  readonly backend: BackendStatus | null;
  readonly dialog: DialogId | null;
  readonly theme: Theme;
  /** Whether the browser shows this tab. */
  readonly isInSight: boolean;
}

export type Theme = 'system' | 'light' | 'dark';
export type DialogId =
  | 'shortcuts'
  | 'settings'
  | 'paste'
  | 'dataset'
  | 'kept'
  | 'compare'
  | 'model'
  | 'run'
  | 'score';

export const initialPage: PageState = { backend: null, dialog: null, theme: 'system', isInSight: true };
