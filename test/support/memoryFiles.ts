import type { DatasetStorage, NewFile, WorkFile } from '../../src/data/stored/storage.ts';
import { noRoom, notThere, tooShort } from '../../src/data/stored/storageErrors.ts';

/** A DatasetStorage without a disk. `room`: most bytes of one file. */
export class MemoryFiles implements DatasetStorage {
  readonly kept = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Files that nobody has closed. */
  opened = 0;
  readonly #room: number;

  constructor(room = Infinity) {
    this.#room = room;
  }

  async create(name: string): Promise<NewFile> {
    const file = this.#file(name, new Uint8Array(0));
    return Object.assign(file, {
      keep: async () => {
        this.kept.set(name, file.bytes);
        file.close();
      },
      discard: async () => file.close(),
    });
  }

  async list() {
    return [...this.kept].map(([name, { length }]) => ({ name, sizeBytes: length }));
  }

  async open(name: string): Promise<WorkFile> {
    return this.#file(name, this.#bytesOf(name));
  }

  async blob(name: string): Promise<Blob | undefined> {
    const bytes = this.kept.get(name);
    return bytes && new Blob([bytes]);
  }

  async remove(name: string): Promise<void> {
    this.#bytesOf(name);
    this.kept.delete(name);
  }

  async sweep(): Promise<void> {}

  async freeBytes(): Promise<number> {
    return this.#room;
  }

  #bytesOf(name: string): Uint8Array<ArrayBuffer> {
    const bytes = this.kept.get(name);
    if (!bytes) throw notThere(name);
    return bytes;
  }

  #file(name: string, bytes: Uint8Array<ArrayBuffer>): MemoryFile {
    this.opened++;
    return new MemoryFile(name, bytes, this.#room, () => this.opened--);
  }
}

class MemoryFile implements WorkFile {
  readonly name: string;
  bytes: Uint8Array<ArrayBuffer>;
  readonly #room: number;
  readonly #onClose: () => void;
  #isOpen = true;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, room: number, onClose: () => void) {
    this.name = name;
    this.bytes = bytes;
    this.#room = room;
    this.#onClose = onClose;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(into: Uint8Array, at: number): void {
    if (!this.#isOpen) throw notThere(this.name);
    if (at + into.length > this.bytes.length) throw tooShort(this.name);
    into.set(this.bytes.subarray(at, at + into.length));
  }

  write(written: Uint8Array, at: number): void {
    const end = at + written.length;
    if (end > this.#room) throw noRoom(this.name);
    if (end > this.bytes.length) this.truncate(end);
    this.bytes.set(written, at);
  }

  truncate(sizeBytes: number): void {
    const resized = new Uint8Array(sizeBytes);
    resized.set(this.bytes.subarray(0, sizeBytes));
    this.bytes = resized;
  }

  flush(): void {}

  close(): void {
    if (this.#isOpen) this.#onClose();
    this.#isOpen = false;
  }
}
