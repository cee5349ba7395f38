import type { Database, FileStore } from './database.ts';

/** Stores files of runs by the run's id, up to a limit of bytes. */
export interface FileStorage {
  ids(): Promise<readonly string[]>;
  find(id: string): Promise<Blob | undefined>;
  /** Stores a file and deletes the oldest others to stay within the limit. Returns the deleted ids, or its own if it is too large. */
  put(id: string, file: Blob): Promise<readonly string[]>;
  /** Deletes files and returns them. */
  take(ids: readonly string[]): Promise<ReadonlyMap<string, Blob>>;
}

/** A file could not be stored; its run is listed without it. */
class FileStorageError extends Error {
  override readonly name = 'FileStorageError';
  readonly remedy: string;
  constructor(what: string, remedy: string, cause: unknown) {
    super(`This browser does not store ${what}: ${(cause as Error).message}`, { cause });
    this.remedy = remedy;
  }
}

interface Kind {
  readonly store: FileStore;
  /** The limit for all of them together. */
  readonly roomBytes: number;
  readonly what: string;
  readonly remedy: string;
}

const models: Kind = {
  store: 'models',
  roomBytes: 2 ** 28,
  what: 'models',
  remedy:
    'Runs without a model can be neither compressed nor downloaded. Delete runs to make room, or leave the private window.',
};

const predictions: Kind = {
  store: 'predictions',
  roomBytes: 2 ** 26,
  what: 'predictions',
  remedy:
    'Runs without predictions cannot be compared example by example. Delete runs to make room, or leave the private window.',
};

export function createModelStorage(database: Database, roomBytes = models.roomBytes): FileStorage {
  return createFileStorage(database, { ...models, roomBytes });
}

/** Of test examples, as float32. */
export function createPredictionStorage(database: Database, roomBytes = predictions.roomBytes): FileStorage {
  return createFileStorage(database, { ...predictions, roomBytes });
}

/** A Blob is a handle: its bytes do not pass through the page's thread. */
function createFileStorage(database: Database, { store: name, roomBytes, what, remedy }: Kind): FileStorage {
  const withDatabase: Database = (work) =>
    database(work).catch((error: unknown) => {
      throw new FileStorageError(what, remedy, error);
    });
  return {
    ids: () => withDatabase((database) => database.getAllKeys(name)),
    find: (id) =>
      withDatabase(async (database) => {
        const file: unknown = (await database.get(name, id))?.file;
        return file instanceof Blob ? file : undefined;
      }),
    put: (id, file) =>
      withDatabase(async (database) => {
        if (file.size > roomBytes) return [id];
        const { store, done } = database.transaction(name, 'readwrite');
        const others = (await store.getAll()).filter((stored) => stored.id !== id);
        let room = roomBytes - file.size - others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const forgotten: string[] = [];
        for (const stored of others.toSorted((a, b) => a.keptAt - b.keptAt)) {
          if (room >= 0) break;
          room += stored.sizeBytes;
          forgotten.push(stored.id);
        }
        const keptAt = Math.max(Date.now(), ...others.map((stored) => stored.keptAt + 1));
        const own = store.put({ id, sizeBytes: file.size, keptAt, file });
        await Promise.all([...forgotten.map((gone) => store.delete(gone)), own, done]);
        return forgotten;
      }),
    take: (ids) =>
      withDatabase(async (database) => {
        const { store, done } = database.transaction(name, 'readwrite');
        const found = await Promise.all(ids.map((id) => store.get(id)));
        await Promise.all([...ids.map((id) => store.delete(id)), done]);
        return new Map(found.flatMap((stored) => (stored ? [[stored.id, stored.file] as const] : [])));
      }),
  };
}
