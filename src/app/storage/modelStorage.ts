import type { Database } from './database.ts';

/** Stores the model files of runs by the run's id, up to a limit of bytes. */
export interface ModelStorage {
  ids(): Promise<readonly string[]>;
  find(id: string): Promise<Blob | undefined>;
  /** Stores a file and deletes the oldest others to stay within the limit. Returns the deleted ids, or its own if it is too large. */
  put(id: string, file: Blob): Promise<readonly string[]>;
  /** Deletes files and returns them. */
  take(ids: readonly string[]): Promise<ReadonlyMap<string, Blob>>;
}

/** The limit for all models together. */
const ROOM_BYTES = 2 ** 28;

/** A model could not be stored; its run is listed without it. */
class ModelStorageError extends Error {
  override readonly name = 'ModelStorageError';
  readonly remedy =
    'Runs without a model can be neither compressed nor downloaded. Delete runs to make room, or leave the private window.';
  constructor(cause: unknown) {
    super(`This browser does not store models: ${(cause as Error).message}`, { cause });
  }
}

/** A Blob is a handle: its bytes do not pass through the page's thread. */
export function createModelStorage(database: Database, roomBytes = ROOM_BYTES): ModelStorage {
  const withDatabase: Database = (work) =>
    database(work).catch((error: unknown) => {
      throw new ModelStorageError(error);
    });
  return {
    ids: () => withDatabase((database) => database.getAllKeys('models')),
    find: (id) =>
      withDatabase(async (database) => {
        const file: unknown = (await database.get('models', id))?.file;
        return file instanceof Blob ? file : undefined;
      }),
    put: (id, file) =>
      withDatabase(async (database) => {
        if (file.size > roomBytes) return [id];
        const { store, done } = database.transaction('models', 'readwrite');
        const others = (await store.getAll()).filter((model) => model.id !== id);
        let room = roomBytes - file.size - others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const forgotten: string[] = [];
        for (const model of others.toSorted((a, b) => a.keptAt - b.keptAt)) {
          if (room >= 0) break;
          room += model.sizeBytes;
          forgotten.push(model.id);
        }
        const keptAt = Math.max(Date.now(), ...others.map((model) => model.keptAt + 1));
        const own = store.put({ id, sizeBytes: file.size, keptAt, file });
        await Promise.all([...forgotten.map((gone) => store.delete(gone)), own, done]);
        return forgotten;
      }),
    take: (ids) =>
      withDatabase(async (database) => {
        const { store, done } = database.transaction('models', 'readwrite');
        const found = await Promise.all(ids.map((id) => store.get(id)));
        await Promise.all([...ids.map((id) => store.delete(id)), done]);
        return new Map(found.flatMap((model) => (model ? [[model.id, model.file] as const] : [])));
      }),
  };
}
