import type { CompressionChoices } from './state.ts';
import { orderCompressions } from './compressedRuns.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { EngineReply } from '../../worker/protocol.ts';
import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';
import type { KeptModels } from './keptModels.ts';
import { saveFile } from '../shared/files.ts';
import type { RunActions } from '../runs/runActions.ts';
import { makeQueuedCompressions, type RunQueue } from '../compare/runQueue.ts';

export interface ModelActions {
  /** Opens the dialog of a run's model. */
  open(run: string): void;
  /** Opens the dialog that scores a file, with the model of a run or none. */
  openScoring(run: string | null): void;
  choose(choices: Partial<CompressionChoices>): void;
  /** Queues the chosen compressions of the run's model. */
  compress(run: RunRecord): void;
  /** Saves the model as a safetensors file that stands alone: `dimmer score --model` and `spectrum --run` read it. */
  download(run: RunRecord): Promise<void>;
  /** The model with the values of its fields; undefined where it is gone, which is told. */
  complete(run: Pick<RunRecord, 'id'>): Promise<Blob | undefined>;
  handle(reply: WholeModelReply): void;
}

type WholeModelReply = Extract<EngineReply, { type: 'whole-model' | 'no-whole-model' }>;

export function createModelActions(
  context: Context,
  runs: RunActions,
  runQueue: RunQueue,
  models: KeptModels,
): ModelActions {
  const { store, engine } = context;
  /** Those who wait for the whole model of a run. */
  const waiting = new Map<string, ((file: Blob | undefined) => void)[]>();

  async function complete({ id }: Pick<RunRecord, 'id'>): Promise<Blob | undefined> {
    const file = await models.find(id);
    if (!file) return undefined;
    return new Promise((resolve) => {
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
      engine.post({ type: 'complete-model', runId: id, file });
    });
  }

  return {
    complete,
    handle(reply) {
      if (reply.type === 'no-whole-model') reportError(context, reply.failure);
      for (const resolve of waiting.get(reply.runId) ?? [])
        resolve(reply.type === 'whole-model' ? reply.file : undefined);
      waiting.delete(reply.runId);
    },
    open: (run) => store.setState({ dialog: 'model', modelOf: run }),
    openScoring: (run) => store.setState({ dialog: 'score', modelOf: run }),
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
      const file = await complete({ id });
      if (file) saveFile(`dimmer ${name.replaceAll(/[^\p{L}\p{N}.+]+/gu, ' ').trim()}.safetensors`, file);
    },
  };
}
