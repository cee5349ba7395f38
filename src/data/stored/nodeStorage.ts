import * as fs from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetStorage, NewFile, WorkFile } from './storage.ts';
import { noRoom, notThere, toDataError, tooShort } from './storageErrors.ts';

/** Between the name of a file that is not finished and the process that writes it. */
const PART = '.part-';

/** Files in a folder of this machine, which is made when the first is. Processes may share it. */
export class NodeStorage implements DatasetStorage {
  readonly #folder: string;
  #parts = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(name: string): Promise<NewFile> {
    return guarded(name, async () => {
      await mkdir(this.#folder, { recursive: true });
      const part = this.#path(`${name}${PART}${process.pid}-${this.#parts++}`);
      const file = new NodeFile(name, fs.openSync(part, 'w+'));
      return Object.assign(file, {
        keep: () =>
          guarded(name, async () => {
            file.flush();
            file.close();
            await rename(part, this.#path(name));
          }),
        async discard() {
          file.close();
          await rm(part, { force: true });
        },
      });
    });
  }

  async list() {
    const names = await readdir(this.#folder).catch(() => []);
    const found = await Promise.all(
      names
        .filter((name) => !name.includes(PART))
        .map((name) =>
          stat(this.#path(name)).then(
            ({ size }) => ({ name, sizeBytes: size }),
            () => undefined, // removed meanwhile
          ),
        ),
    );
    return found.filter((file) => file !== undefined);
  }

  async open(name: string): Promise<WorkFile> {
    return guarded(name, async () => new NodeFile(name, fs.openSync(this.#path(name), 'r')));
  }

  async blob(name: string): Promise<Blob | undefined> {
    try {
      return await fs.openAsBlob(this.#path(name));
    } catch {
      return undefined; // as it throws at once where there is none
    }
  }

  async remove(name: string): Promise<void> {
    return guarded(name, () => rm(this.#path(name)));
  }

  async sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((each) => each.includes(PART))) {
      const [, pid] = name.slice(name.lastIndexOf(PART)).match(/^\.part-(\d+)-/) ?? [];
      if (!isRunning(Number(pid))) await rm(this.#path(name), { force: true });
    }
  }

  async freeBytes(): Promise<number> {
    try {
      await mkdir(this.#folder, { recursive: true });
      const { bavail, bsize } = await statfs(this.#folder);
      return bavail * bsize;
    } catch {
      return Infinity;
    }
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

class NodeFile implements WorkFile {
  readonly name: string;
  #descriptor: number | undefined;

  constructor(name: string, descriptor: number) {
    this.name = name;
    this.#descriptor = descriptor;
  }

  get sizeBytes(): number {
    return this.#try((descriptor) => fs.fstatSync(descriptor).size);
  }

  read(into: Uint8Array, at: number): void {
    for (let done = 0; done < into.length;) {
      const left = into.length - done;
      const read = this.#try((descriptor) => fs.readSync(descriptor, into, done, left, at + done));
      if (read === 0) throw tooShort(this.name);
      done += read;
    }
  }

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length;) {
      const left = bytes.length - done;
      const written = this.#try((descriptor) => fs.writeSync(descriptor, bytes, done, left, at + done));
      if (written === 0) throw noRoom(this.name);
      done += written;
    }
  }

  truncate(sizeBytes: number): void {
    this.#try((descriptor) => fs.ftruncateSync(descriptor, sizeBytes));
  }

  flush(): void {
    this.#try((descriptor) => fs.fsyncSync(descriptor));
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #try<T>(work: (descriptor: number) => T): T {
    if (this.#descriptor === undefined) throw notThere(this.name);
    try {
      return work(this.#descriptor);
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

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
