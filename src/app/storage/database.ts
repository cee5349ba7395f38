import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { QueuedRun } from '../runs/requestedRun.ts';
import type { RunRecord } from '../runs/runRecord.ts';

/** A file of a run. */
interface StoredFile {
  readonly id: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
  readonly file: Blob;
}

interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  queue: { key: string; value: QueuedRun };
  models: { key: string; value: StoredFile };
  predictions: { key: string; value: StoredFile };
}

/** Where files of runs lie. */
export type FileStore = 'models' | 'predictions';

/** Opens the database if it is not open and runs `work` on it. Rejects with IndexedDB's errors. */
export type Database = <T>(work: (database: IDBPDatabase<Schema>) => Promise<T>) => Promise<T>;

export function openDatabase(name = 'dimmer'): Database {
  let opening: Promise<IDBPDatabase<Schema>> | undefined;
  return async (work) => {
    try {
      opening ??= openDB<Schema>(name, 4, {
        upgrade(database, oldVersion) {
          if (oldVersion < 1) database.createObjectStore('runs', { keyPath: 'id' });
          if (oldVersion < 2) database.createObjectStore('queue', { keyPath: 'id' });
          if (oldVersion < 3) database.createObjectStore('models', { keyPath: 'id' });
          if (oldVersion < 4) database.createObjectStore('predictions', { keyPath: 'id' });
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
      throw error;
    }
  };
}
