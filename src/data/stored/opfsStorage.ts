import type { DatasetStorage, NewFile, WorkFile } from './storage.ts';
import { noRoom, notThere, toDataError, tooShort } from './storageErrors.ts';

const FOLDER = 'data';
/** Behind the name of a file that is not finished. */
const PART = '.part-';

/** What TypeScript does not know yet: renaming (Chromium 110, Firefox 111, Safari 16.4) and reading side by side (Chromium 121). */
interface MovableHandle extends FileSystemFileHandle {
  move(name: string): Promise<void>;
  createSyncAccessHandle(options?: {
    readonly mode: 'read-only' | 'readwrite';
  }): Promise<FileSystemSyncAccessHandle>;
}

const lockOf = (part: string): string => `dimmer-data-${part}`;

/**
 * Files in the origin private file system, beside the checkpoints of runs. Only a dedicated worker can create and open them; listing,
 * removing and reading as blobs works everywhere. A file in the making bears a lock, which the browser lets go with its thread.
 */
export class OpfsStorage implements DatasetStorage {
  async create(name: string): Promise<NewFile> {
    const part = `${name}${PART}${crypto.randomUUID()}`;
    const release = await holdLock(lockOf(part));
    return guarded(name, async () => {
      const folder = await openFolder();
      const handle = (await folder.getFileHandle(part, { create: true })) as MovableHandle;
      const file = new OpfsFile(name, await handle.createSyncAccessHandle());
      return Object.assign(file, {
        keep: () =>
          guarded(name, async () => {
            file.flush();
            file.close();
            await folder.removeEntry(name).catch(() => {});
            await handle.move(name);
            release();
          }),
        async discard() {
          file.close();
          await folder.removeEntry(part).catch(() => {});
          release();
        },
      });
    });
  }

  async list() {
    return guarded(FOLDER, async () => {
      const folder = await openFolder();
      const kept = [];
      for await (const [name, handle] of folder.entries()) {
        if (name.includes(PART) || !(handle instanceof FileSystemFileHandle)) continue;
        kept.push({ name, sizeBytes: (await handle.getFile()).size });
      }
      return kept;
    });
  }

  async open(name: string): Promise<WorkFile> {
    return guarded(name, async () => {
      const handle = (await (await openFolder()).getFileHandle(name)) as MovableHandle;
      return new OpfsFile(name, await handle.createSyncAccessHandle({ mode: 'read-only' }));
    });
  }

  async blob(name: string): Promise<Blob | undefined> {
    const folder = await guarded(name, openFolder);
    const handle = await folder.getFileHandle(name).catch(() => undefined);
    return handle?.getFile();
  }

  async remove(name: string): Promise<void> {
    return guarded(name, async () => (await openFolder()).removeEntry(name));
  }

  async sweep(): Promise<void> {
    return guarded(FOLDER, async () => {
      const folder = await openFolder();
      const { held = [] } = await navigator.locks.query();
      const busy = new Set(held.map(({ name }) => name));
      for await (const name of folder.keys())
        if (name.includes(PART) && !busy.has(lockOf(name))) await folder.removeEntry(name).catch(() => {});
    });
  }

  async freeBytes(): Promise<number> {
    const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
    return quota - usage;
  }
}

class OpfsFile implements WorkFile {
  readonly name: string;
  readonly #access: FileSystemSyncAccessHandle;

  constructor(name: string, access: FileSystemSyncAccessHandle) {
    this.name = name;
    this.#access = access;
  }

  get sizeBytes(): number {
    return this.#access.getSize();
  }

  read(into: Uint8Array<ArrayBuffer>, at: number): void {
    const read = this.#try(() => this.#access.read(into, { at }));
    if (read < into.length) throw tooShort(this.name);
  }

  write(bytes: Uint8Array<ArrayBuffer>, at: number): void {
    const written = this.#try(() => this.#access.write(bytes, { at }));
    if (written < bytes.length) throw noRoom(this.name);
  }

  truncate(sizeBytes: number): void {
    this.#try(() => this.#access.truncate(sizeBytes));
  }

  flush(): void {
    this.#try(() => this.#access.flush());
  }

  close(): void {
    this.#access.close();
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toDataError(error, this.name);
    }
  }
}

async function guarded<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDataError(error, name);
  }
}

async function openFolder(): Promise<FileSystemDirectoryHandle> {
  // Pages without https, and private windows of some browsers, have none.
  if (!navigator.storage?.getDirectory) throw notThere(FOLDER);
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** Resolves, when the lock is held, to the function that lets it go. */
function holdLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
}
