/**
 * A file that one thread reads and writes at any place, synchronously: a FileSystemSyncAccessHandle of the origin private file system,
 * or a file of Node. Throws DataError where there is no room, and where fewer bytes are there than are asked for.
 */
export interface WorkFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Fills `into` with the bytes from `at` on. */
  read(into: Uint8Array, at: number): void;
  /** Beyond the end the file grows. */
  write(bytes: Uint8Array, at: number): void;
  truncate(sizeBytes: number): void;
  /** Returns when what was written is on the disk. */
  flush(): void;
  /** May be called twice. */
  close(): void;
}

/** A file under a temporary name. It is closed by `keep` and by `discard`. */
export interface NewFile extends WorkFile {
  /** Flushes it and gives it its name, in the place of another one: whoever opens that finds the earlier file or this one, whole. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** A file that was kept. */
export interface KeptFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Files by name, which are letters, digits, dots and hyphens. All methods reject with DataError where nothing can be stored. */
export interface DatasetStorage {
  /** Those of which no keep or discard came, because their thread is gone, are deleted by `sweep`. */
  create(name: string): Promise<NewFile>;
  list(): Promise<readonly KeptFile[]>;
  /** For reading, while others may read it too. Rejects with DataError where there is none. */
  open(name: string): Promise<WorkFile>;
  /** Its bytes without opening it; undefined: there is none. */
  blob(name: string): Promise<Blob | undefined>;
  /** Rejects with DataError while somebody has it open. */
  remove(name: string): Promise<void>;
  /** Deletes what threads that are gone have left unfinished. */
  sweep(): Promise<void>;
  /** How much can be written; Infinity: nobody knows. */
  freeBytes(): Promise<number>;
}
