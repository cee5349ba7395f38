import type { CompressionChoices } from './state.ts';
import { orderCompressions } from './compressedRuns.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';
import type { KeptModels } from './keptModels.ts';
import { saveFile } from '../shared/files.ts';
import type { RunActions } from '../runs/runActions.ts';
import { makeQueuedCompressions, type RunQueue } from '../compare/runQueue.ts';

export interface ModelActions {
  /** Opens the dialog of a run's model. */
  open(run: string): void;
  choose(choices: Partial<CompressionChoices>): void;
  /** Queues the chosen compressions of the run's model. */
  compress(run: RunRecord): void;
  /** Saves the model as a safetensors file, which `dimmer spectrum --run` also reads. */
  download(run: RunRecord): Promise<void>;
}

export function createModelActions(
  context: Context,
  runs: RunActions,
  runQueue: RunQueue,
  models: KeptModels,
): ModelActions {
  const { store } = context;
  return {
    open: (run) => store.setState({ dialog: 'model', modelOf: run }),
    choose: (choices) =>
      store.setState(({ compression }) => ({ compression: { ...compression, ...choices } })),
    compress(run) {
      const state = store.getState();
      const { dataset, compression, datasetKey, queue } = state;
      if (!dataset) return;
      try {
        const { orders } = orderCompressions(run, compression, dataset);
        // A queue is held for the runs in it; with none of this data in it, the new ones may go.
        if (!queue.some((waiting) => waiting.datasetKey === datasetKey)) store.setState({ queueHeld: false });
        runQueue.add(makeQueuedCompressions({ ...state, dataset }, run, orders));
        runs.advance();
      } catch (error) {
        reportError(context, error);
      }
    },
    async download({ id, name }) {
      const file = await models.find(id);
      if (file) saveFile(`dimmer ${name.replaceAll(/[^\p{L}\p{N}.+]+/gu, ' ').trim()}.safetensors`, file);
    },
  };
}
