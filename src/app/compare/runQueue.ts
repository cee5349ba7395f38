import type { Settings } from '../../settings/settings.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { AppState, CompressionOrder, QueuedTicket } from '../appState.ts';
import { nameOrder } from '../models/compressionWords.ts';
import { nameRun, type RunRecord } from '../runs/runRecord.ts';
import { trainable } from '../dims/plan.ts';
import { type Context, reportError } from '../context.ts';

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
  add(tickets: readonly QueuedTicket[]): void {
    this.#insert(tickets);
    this.#store((storage) => storage.putWaiting(tickets));
  }

  /** The next one that can go on this data; it stays stored until `end`. */
  take(): QueuedTicket | null {
    const { queue, datasetKey } = this.#context.store.getState();
    const next = queue.find((ticket) => ticket.datasetKey === datasetKey);
    if (!next) return null;
    this.#context.store.setState({ queue: queue.filter((ticket) => ticket !== next) });
    return next;
  }

  /** Interrupted: it starts anew when its turn comes. */
  putBack(ticket: QueuedTicket): void {
    this.end([ticket.id]);
    this.add([renew(ticket)]);
  }

  end(ids: readonly string[]): void {
    const { store } = this.#context;
    store.setState(({ queue }) => ({ queue: queue.filter(({ id }) => !ids.includes(id)) }));
    this.#store((storage) => storage.removeWaiting(ids));
  }

  #insert(tickets: readonly QueuedTicket[]): void {
    this.#context.store.setState(({ queue }) => ({
      queue: [...queue, ...tickets].sort((a, b) => a.queued.order - b.queued.order),
    }));
  }

  #store(work: (storage: Context['runStorage']) => Promise<void>): void {
    work(this.#context.runStorage).catch((error: unknown) => reportError(this.#context, error));
  }
}

/** The same run under a new name: the engine may still be ending the old one. */
export function renew(ticket: QueuedTicket): QueuedTicket {
  return { ...ticket, id: makeRunId(), superseded: false };
}

/** Tickets for what is made of a run's model, behind everything that waits. */
export function issueCompressions(
  state: AppState & { readonly dataset: DatasetSummary },
  run: RunRecord,
  orders: readonly CompressionOrder[],
): readonly QueuedTicket[] {
  const settings = orders.map(({ budget }) => ({ ...run.asked, budget }));
  const issued = issueQueued(state, { settings, comparison: null, where: 'last' });
  return issued.map((ticket, i) =>
    Object.assign(ticket, { name: nameOrder(run.name, orders[i]), compression: orders[i] }),
  );
}

interface TicketRequest {
  readonly settings: readonly Settings[];
  readonly comparison: string | null;
  readonly where: 'first' | 'last';
}

/** Tickets on the data that is open, in the order of `settings`. */
export function issueQueued(
  state: AppState & { readonly dataset: DatasetSummary },
  { settings, comparison, where }: TicketRequest,
): readonly QueuedTicket[] {
  const { dataset, datasetKey, queue } = state;
  const orders = queue.map((ticket) => ticket.queued.order);
  const first = where === 'first' ? Math.min(0, ...orders) - settings.length : Math.max(0, ...orders) + 1;
  const sample = dataset.format === 'sample' ? state.sample : null;
  return settings.map((asked, i) => {
    const given = trainable(asked);
    return {
      id: makeRunId(),
      name: nameRun(given),
      settings: given,
      datasetKey,
      superseded: false,
      queued: { order: first + i, comparison, datasetName: dataset.name, sample },
    };
  });
}

let lastRun = 0;

/** Unique among the runs of this browser; crypto.randomUUID is missing on plain http. */
export function makeRunId(): string {
  lastRun++;
  return `${Date.now().toString(36)}-${lastRun.toString(36)}`;
}
