import { openAsBlob } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../training/checkpoint/checkpoint.ts';
import {
  type CheckpointOwner,
  encodeCheckpoint,
  openCheckpoint,
} from '../training/checkpoint/checkpointFile.ts';
import { writeWhole } from './wholeFile.ts';

/** Beyond it no more are kept: their runs begin anew, to the same bits. */
const MOST_BYTES = 4e9;

/** Where the runs of a search were left, in a folder that several processes share: a file a run, by its key. */
export class RungCheckpoints {
  readonly #folder: string;
  readonly #owner: CheckpointOwner;

  private constructor(folder: string, owner: CheckpointOwner) {
    this.#folder = folder;
    this.#owner = owner;
  }

  static async open(folder: string, data: CheckpointOwner['data']): Promise<RungCheckpoints> {
    await mkdir(folder, { recursive: true });
    return new RungCheckpoints(folder, { runId: null, data, note: '' });
  }

  /** undefined: none that is whole and before this step; null is the end of the run. */
  async load(key: string, untilStep: number | null): Promise<Checkpoint | undefined> {
    const path = join(this.#folder, key);
    if (!(await stat(path).catch(() => undefined))) return undefined;
    try {
      const saved = await openCheckpoint(await openAsBlob(path));
      return saved.step < (untilStep ?? Infinity) ? await saved.read() : undefined;
    } catch {
      return undefined; // damaged, or removed meanwhile: the run is trained from its start
    }
  }

  /** Rejects with WriteError. */
  async save(key: string, checkpoint: Checkpoint): Promise<void> {
    const pieces = await encodeCheckpoint(checkpoint, this.#owner);
    const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if ((await this.#usedBytes()) + bytes <= MOST_BYTES) await writeWhole(join(this.#folder, key), pieces);
  }

  /** Removes those of all other runs, which have lost. */
  async keepOnly(keys: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder))
      if (/^[0-9a-f]+$/.test(name) && !keys.has(name)) await rm(join(this.#folder, name), { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #usedBytes(): Promise<number> {
    const names = await readdir(this.#folder);
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(this.#folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}
