import type { QueuedRun } from '../runs/requestedRun.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { Database } from './database.ts';

/** Stores finished and queued runs beyond the life of the tab. The browser may delete them. */
export interface RunStorage {
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

export function createRunStorage(database: Database): RunStorage {
  const withDatabase: Database = (work) =>
    database(work).catch((error: unknown) => {
      throw new StorageError(error);
    });
  return {
    all: () =>
      withDatabase(async (database) =>
        (await database.getAll('runs')).sort((a, b) => a.createdAt - b.createdAt),
      ),
    put: (run) => withDatabase(async (database) => void (await database.put('runs', run))),
    remove: (ids) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('runs', 'readwrite');
        await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
      }),
    waiting: () =>
      withDatabase(async (database) =>
        (await database.getAll('queue')).sort((a, b) => a.queued.order - b.queued.order),
      ),
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
