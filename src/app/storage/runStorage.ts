import { sieve } from '../../validation/shape.ts';
import { queuedShape, recordShape } from '../runs/recordShapes.ts';
import type { QueuedRun } from '../runs/requestedRun.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { Database } from './database.ts';

/** Stores finished and queued runs beyond the life of the tab. The browser may delete them. */
export interface RunStorage {
  /** Finished runs, oldest first. */
  all(): Promise<readonly RunRecord[]>;
  put(run: RunRecord): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** The queue, in its order. */
  waiting(): Promise<readonly QueuedRun[]>;
  putWaiting(runs: readonly QueuedRun[]): Promise<void>;
  removeWaiting(ids: readonly string[]): Promise<void>;
}

/** Runs could not be stored; the page goes on without. */
class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly remedy =
    'Runs stay in this tab until it is closed: export them to keep them. Private windows often refuse storage.';
  constructor(cause: unknown) {
    super(`This browser does not store runs: ${(cause as Error).message}`, { cause });
  }
}

/** What is not as this version stores it is left in its place and not given; `onUnread` is told how many there are of either kind. */
export function createRunStorage(
  database: Database,
  onUnread: (count: number, kind: 'run' | 'queued run') => void,
): RunStorage {
  const withDatabase: Database = (work) =>
    database(work).catch((error: unknown) => {
      throw new StorageError(error);
    });
  return {
    all: () =>
      withDatabase(async (database) => {
        const { fitting, others } = sieve(recordShape, await database.getAll('runs'));
        if (others > 0) onUnread(others, 'run');
        return fitting.toSorted((a, b) => a.createdAt - b.createdAt);
      }),
    put: (run) => withDatabase(async (database) => void (await database.put('runs', run))),
    remove: (ids) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('runs', 'readwrite');
        await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
      }),
    waiting: () =>
      withDatabase(async (database) => {
        const { fitting, others } = sieve(queuedShape, await database.getAll('queue'));
        if (others > 0) onUnread(others, 'queued run');
        return fitting.toSorted((a, b) => a.queued.order - b.queued.order);
      }),
    putWaiting: (runs) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('queue', 'readwrite');
        await Promise.all([...runs.map((run) => transaction.store.put(run)), transaction.done]);
      }),
    removeWaiting: (ids) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('queue', 'readwrite');
        await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
      }),
  };
}
