import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { QueuedTicket } from '../store/appState.ts';
import type { RunRecord } from '../store/runRecord.ts';

/** Where finished runs, and those that wait their turn, outlive the tab. A cache: the browser may evict it. */
export interface RunStorage {
  all(): Promise<readonly RunRecord[]>;
  put(run: RunRecord): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** In their order. */
  waiting(): Promise<readonly QueuedTicket[]>;
  putWaiting(tickets: readonly QueuedTicket[]): Promise<void>;
  removeWaiting(ids: readonly string[]): Promise<void>;
}

interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  queue: { key: string; value: QueuedTicket };
}

/** Runs could not be stored; the page works on without. */
class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly remedy =
    'Runs stay in this tab until it is closed: export them to keep them. Private windows often refuse storage.';
  constructor(cause: unknown) {
    super(`This browser does not store runs: ${(cause as Error).message}`, { cause });
  }
}

export function openRunStorage(name = 'dimmer'): RunStorage {
  let opening: Promise<IDBPDatabase<Schema>> | undefined;

  async function withDatabase<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      opening ??= openDB<Schema>(name, 2, {
        upgrade(database, oldVersion) {
          if (oldVersion < 1) database.createObjectStore('runs', { keyPath: 'id' });
          if (oldVersion < 2) database.createObjectStore('queue', { keyPath: 'id' });
        },
        // Another tab with a newer version of the page must not wait for this one.
        blocking(_current, _blocked, event) {
          opening = undefined;
          (event.target as IDBDatabase).close();
        },
        terminated: () => (opening = undefined),
      });
      return await work(await opening);
    } catch (error) {
      opening = undefined;
      throw new StorageError(error);
    }
  }

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
    putWaiting: (tickets) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('queue', 'readwrite');
        await Promise.all([...tickets.map((ticket) => transaction.store.put(ticket)), transaction.done]);
      }),
    removeWaiting: (ids) =>
      withDatabase(async (database) => {
        const transaction = database.transaction('queue', 'readwrite');
        await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
      }),
  };
}
