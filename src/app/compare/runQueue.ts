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

/** The queue of runs as state and as it is stored: a run leaves the storage when it has ended, not when it starts. */
export class RunQueue {
  readonly #context: Pick<Context, 'store' | 'runStorage'>;

  constructor(context: Pick<Context, 'store' | 'runStorage'>) {
    this.#context = context;
  }

  /** What an earlier visit left waits until the user says so. */
  async restore(): Promise<void> {
    const { store, runStorage } = this.#context;
    const stored = await runStorage.waiting();
    if (stored.length === 0) return;
    const known = new Set(store.getState().queue.map(({ id }) => id));
    store.setState({ queueHeld: true });
    this.#insert(stored.filter(({ id }) => !known.has(id)));
  }

  /** At the end, or before all others. */
  add(runs: readonly QueuedRun[]): void {
    this.#insert(runs);
    this.#store((storage) => storage.putWaiting(runs));
  }

  /** The next one that can go on this data; it stays stored until `end`. */
  take(): QueuedRun | null {
    const { queue, datasetKey } = this.#context.store.getState();
    const next = queue.find((run) => run.datasetKey === datasetKey);
    if (!next) return null;
    this.#context.store.setState({ queue: queue.filter((run) => run !== next) });
    return next;
  }

  /** Interrupted: it starts anew when its turn comes. */
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

/** The same run under a new name: the engine may still be ending the old one. */
export function renew(run: QueuedRun): QueuedRun {
  return { ...requestOf(run), id: makeRunId() };
}

/** What is made of a run's model, behind everything that waits. */
export function issueCompressions(
  state: AppState & { readonly dataset: DatasetSummary },
  run: RunRecord,
  orders: readonly CompressionOrder[],
): readonly QueuedRun[] {
  const settings = orders.map(({ budget }) => ({ ...run.asked, budget }));
  const issued = issueQueued(state, { settings, comparison: null, where: 'last' });
  return issued.map((waiting, i) =>
    Object.assign(waiting, { name: nameOrder(run.name, orders[i]), compression: orders[i] }),
  );
}

interface QueueRequest {
  readonly settings: readonly Settings[];
  readonly comparison: string | null;
  readonly where: 'first' | 'last';
}

/** Runs on the data that is open, in the order of `settings`. */
export function issueQueued(
  state: AppState & { readonly dataset: DatasetSummary },
  { settings, comparison, where }: QueueRequest,
): readonly QueuedRun[] {
  const { dataset, datasetKey, queue } = state;
  const orders = queue.map((run) => run.queued.order);
  const first = where === 'first' ? Math.min(0, ...orders) - settings.length : Math.max(0, ...orders) + 1;
  const sample = dataset.format === 'sample' ? state.sample : null;
  return settings.map((asked, i) => {
    const given = trainable(asked);
    return {
      id: makeRunId(),
      name: nameRun(given),
      settings: given,
      datasetKey,
      queued: { order: first + i, comparison, datasetName: dataset.name, sample },
    };
  });
}
