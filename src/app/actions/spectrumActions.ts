import type { EngineReply } from '../../worker/protocol.ts';
import { watchedOf } from '../store/spectrumView.ts';
import type { Context } from './context.ts';

export interface SpectrumActions {
  handle(reply: Extract<EngineReply, { readonly type: 'spectrum' }>): void;
}

/** Tells the engine which field somebody has open, and no more than that changes. */
export function createSpectrumActions({
  store,
  engine,
  recorder,
}: Pick<Context, 'store' | 'engine' | 'recorder'>): SpectrumActions {
  store.subscribe((state, before) => {
    const isOtherData = state.datasetKey !== before.datasetKey;
    if (isOtherData) recorder.forgetSpectra();
    const [watched, last] = [watchedOf(state), watchedOf(before)];
    const isSame = watched?.field === last?.field && watched?.exact === last?.exact;
    if (!isSame || (isOtherData && watched)) engine.post({ type: 'watch', watched });
  });
  return {
    handle({ runId, pictures }) {
      const { current } = store.getState();
      // Otherwise it is of a run that was replaced.
      if (current?.id === runId) recorder.show(current, pictures);
    },
  };
}
