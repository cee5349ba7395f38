import type { EngineReply } from '../../worker/protocol.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { type SavedQuery, savedQueryOf, monitoredQueryOf } from './spectrumView.ts';
import type { Context } from '../context.ts';
import type { KeptModels } from '../models/keptModels.ts';
import type { SpectrumSnapshot } from '../../training/spectrum/fieldReport.ts';

export interface SpectrumActions {
  handle(reply: Extract<EngineReply, { readonly type: 'spectrum' }>): void;
}

/** Another tab of this page has forgotten it, to make room. */
const MODEL_GONE = 'The model of this run is no longer kept. Train the run again.';

/** Tells the engine which field somebody has open, and of which run, and no more than that changes. */
export function createSpectrumActions(
  { store, engine, recorder }: Pick<Context, 'store' | 'engine' | 'recorder'>,
  models: KeptModels,
): SpectrumActions {
  let lastQuery: SavedQuery | null = null;

  store.subscribe((state, before) => {
    const isOtherData = state.datasetKey !== before.datasetKey;
    if (isOtherData) recorder.forgetSpectra();
    const [watched, last] = [monitoredQueryOf(state), monitoredQueryOf(before)];
    const isSame = watched?.field === last?.field && watched?.exact === last?.exact;
    if (!isSame || (isOtherData && watched)) engine.post({ type: 'monitor-spectrum', query: watched });
    const query = savedQueryOf(state);
    if (areSame(query, lastQuery)) return;
    lastQuery = query;
    if (query && !isSeen(query)) void measure(query);
  });

  /** The last snapshots of a run in progress are of the weights that are kept. */
  function isSeen({ run, field, exact }: SavedQuery): boolean {
    const { spectra } = recorder.current();
    const snapshot = spectra?.run.id === run.id ? spectra.snapshots.get(field) : undefined;
    return snapshot?.isBest === true && (!snapshot.report || (snapshot.report.typicalError === 0) === exact);
  }

  async function measure(query: SavedQuery): Promise<void> {
    const { run, field, exact } = query;
    const file = await models.find(run.id);
    if (query !== lastQuery) return;
    const step = run.result.bestStep;
    if (file)
      engine.post({ type: 'measure-saved', runId: run.id, model: { file, step }, query: { field, exact } });
    else show(run, { field, step, isBest: true, report: null, problem: MODEL_GONE });
  }

  function show({ id, name, result }: RunRecord, snapshot: SpectrumSnapshot): void {
    recorder.showSpectrum({ id, name, settings: result.settings }, snapshot);
  }

  return {
    handle({ runId, snapshot }) {
      const { current } = store.getState();
      // Otherwise it is of a run that was replaced, or not looked at any more.
      if (lastQuery?.run.id === runId) show(lastQuery.run, snapshot);
      else if (!lastQuery && current?.id === runId) recorder.showSpectrum(current, snapshot);
    },
  };
}

function areSame(a: SavedQuery | null, b: SavedQuery | null): boolean {
  return a?.run.id === b?.run.id && a?.field === b?.field && a?.exact === b?.exact;
}
