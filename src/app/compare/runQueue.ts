import type { Settings } from '../../settings/settings.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { AppState } from '../appState.ts';
import {
  type CompressionOrder,
  makeRunId,
  type QueuedRun,
  requestOf,
  trainable,
} from '../runs/requestedRun.ts';
import { nameOrder, nameRun } from '../runs/runWords.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { Context } from '../context.ts';
import { reportError } from '../shared/notices.ts';

/** Keeps the queue in the state and in storage in step. A run leaves the storage when it ends, not when it starts. */
export class RunQueue {
  readonly #context: Pick<Context, 'store' | 'runStorage'>;

  constructor(context: Pick<Context, 'store' | 'runStorage'>) {
    this.#context = context;
  }

  /** Loads the queue of an earlier visit and holds it until the user resumes it. */
  async restore(): Promise<void> {
    const { store, runStorage } = this.#context;
    const stored = await runStorage.waiting();
    if (stored.length === 0) return;
    const known = new Set(store.getState().queue.map(({ id }) => id));
    store.setState({ queueHeld: true });
    this.#insert(stored.filter(({ id }) => !known.has(id)));
  }

  /** Each run goes to the place that its order gives it. */
  add(runs: readonly QueuedRun[]): void {
    this.#insert(runs);
    // Of a search that ended with its tab, nobody waits for a rung.
    const lasting = runs.filter(({ untilStep }) => untilStep === undefined);
    this.#store((storage) => storage.putWaiting(lasting));
  }

  /** Takes the next run on the open data that suits out of the queue; it stays in storage until `end`. */
  take(suits: (run: QueuedRun) => boolean = () => true): QueuedRun | null {
    const { queue, datasetKey } = this.#context.store.getState();
    const next = queue.find((run) => run.datasetKey === datasetKey && suits(run));
    if (!next) return null;
    this.#context.store.setState({ queue: queue.filter((run) => run !== next) });
    return next;
  }

  /** Returns an interrupted run to its place; it will start from the beginning. */
  putBack(run: QueuedRun): void {
    this.end([run.id]);
    this.add([renew(run)]);
  }

  end(ids: readonly string[]): void {
    const { store } = this.#context;
    store.setState(({ queue }) => ({ queue: queue.filter(({ id }) => !ids.includes(id)) }));
    this.#store((storage) => storage.removeWaiting(ids));
  }

  #insert(runs: readonly QueuedRun[]): void {
    this.#context.store.setState(({ queue }) => ({
      queue: [...queue, ...runs].sort((a, b) => a.queued.order - b.queued.order),
    }));
  }

  #store(work: (storage: Context['runStorage']) => Promise<void>): void {
    work(this.#context.runStorage).catch((error: unknown) => reportError(this.#context, error));
  }
}

/** The same run under a new id, since the engine may still report the end of the old one. */
export function renew(run: QueuedRun): QueuedRun {
  return { ...requestOf(run), id: makeRunId() };
}

/** Runs of the queue that compress a run's model, after all others. */
export function makeQueuedCompressions(
  state: AppState & { readonly dataset: DatasetSummary },
  run: RunRecord,
  orders: readonly CompressionOrder[],
): readonly QueuedRun[] {
  const settings = orders.map(({ budget }) => ({ ...run.asked, budget }));
  const queued = makeQueuedRuns(state, { settings, comparison: null, where: 'last' });
  return queued.map((waiting, i) =>
    Object.assign(waiting, { name: nameOrder(run.name, orders[i]), compression: orders[i] }),
  );
}

interface QueueRequest {
  readonly settings: readonly Settings[];
  /** What the names of the runs tell apart beside method and hyperparameters. */
  readonly swept?: readonly (keyof Settings)[];
  readonly comparison: string | null;
  readonly where: 'first' | 'last';
}

/** Runs of the queue on the open data, in the order of `settings`. */
export function makeQueuedRuns(
  state: AppState & { readonly dataset: DatasetSummary },
  { settings, swept, comparison, where }: QueueRequest,
): readonly QueuedRun[] {
  const { dataset, datasetKey, queue } = state;
  const orders = queue.map((run) => run.queued.order);
  const first = where === 'first' ? Math.min(0, ...orders) - settings.length : Math.max(0, ...orders) + 1;
  const sample = dataset.format === 'sample' ? state.sample : null;
  return settings.map((asked, i) => {
    const given = trainable(asked);
    return {
      id: makeRunId(),
      name: nameRun(given, swept),
      settings: given,
      datasetKey,
      queued: { order: first + i, comparison, datasetName: dataset.name, sample },
    };
  });
}
