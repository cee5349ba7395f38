import type { ReadableDataset } from '../data/stored/exampleReader.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import type { Checkpoint } from '../training/checkpoint/checkpoint.ts';
import {
  type CheckpointOwner,
  encodeCheckpoint,
  findLastCheckpoint,
  openCheckpoint,
} from '../training/checkpoint/checkpointFile.ts';
import { PacedKeeper } from '../training/checkpoint/pacedKeeper.ts';

/** Most bytes that are kept in memory where the browser stores nothing. */
const MEMORY_BYTES = 2 ** 28;

/** Files of runs that outlive the engine. Each run has two, of which one is always whole. */
export interface CheckpointFiles {
  /** Replaces one of the two files of a run. Rejects with the browser's errors. */
  write(runId: string, slot: 0 | 1, pieces: readonly Uint8Array[]): Promise<void>;
  /** The two files of a run; undefined: not there. */
  read(runId: string): Promise<readonly (Blob | undefined)[]>;
  remove(runId: string): Promise<void>;
  /** Runs that have files, and that no engine of another tab trains. */
  abandoned(): Promise<readonly string[]>;
  /** Says that this engine works on a run, until the function that it returns is called. */
  claim(runId: string): () => void;
}

/** A run whose tab or browser was closed while it was trained. */
export interface InterruptedRun extends CheckpointOwner {
  readonly runId: string;
  readonly step: number;
}

/** Keeps checkpoints in files, or the last one in memory where none can be written, and finds them again. */
export class Checkpoints {
  readonly #files: CheckpointFiles;
  readonly #everyMs: number;
  readonly #reportFailure: (error: unknown) => void;
  readonly #inMemory = new Map<string, Blob>();
  readonly #slots = new Map<string, 0 | 1>();
  readonly #keepers = new Map<string, PacedKeeper>();
  readonly #claims = new Map<string, () => void>();
  readonly #left: Promise<readonly string[]>;
  #hasFailed = false;

  /** `reportFailure` is called once, when the first checkpoint could not be written. */
  constructor(files: CheckpointFiles, everyMs: number, reportFailure: (error: unknown) => void) {
    this.#files = files;
    this.#everyMs = everyMs;
    this.#reportFailure = reportFailure;
    // Where nothing can be stored, nothing was left.
    this.#left = files.abandoned().catch(() => []);
  }

  /** Keeps the checkpoints of a run, until `forget`. */
  keeperOf(runId: string, dataset: ReadableDataset, note: string): PacedKeeper {
    if (!this.#claims.has(runId)) this.#claims.set(runId, this.#files.claim(runId));
    const keeper = new PacedKeeper(this.#everyMs, (checkpoint) =>
      this.#keep(checkpoint, runId, dataset, note),
    );
    this.#keepers.set(runId, keeper);
    return keeper;
  }

  async #keep(checkpoint: Checkpoint, runId: string, dataset: ReadableDataset, note: string): Promise<void> {
    let pieces: readonly Uint8Array[];
    try {
      const data = { name: dataset.name, fingerprint: await fingerprintOf(dataset) };
      pieces = await encodeCheckpoint(checkpoint, { runId, data, note });
    } catch (error) {
      return this.#fail(error);
    }
    // Forgotten meanwhile.
    if (!this.#claims.has(runId)) return;
    const slot = this.#slots.get(runId) ?? 0;
    try {
      await this.#files.write(runId, slot, pieces);
      this.#slots.set(runId, slot === 0 ? 1 : 0);
      this.#inMemory.delete(runId);
    } catch (error) {
      this.#fail(error);
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      if (bytes <= MEMORY_BYTES) this.#inMemory.set(runId, new Blob(pieces as Uint8Array<ArrayBuffer>[]));
    }
  }

  #fail(error: unknown): void {
    if (!this.#hasFailed) this.#reportFailure(error);
    this.#hasFailed = true;
  }

  /** The last whole checkpoint of a run on this data; undefined: there is none. */
  async last(runId: string, dataset: ReadableDataset): Promise<Checkpoint | undefined> {
    const isKnown = this.#claims.has(runId) || (await this.#left).includes(runId);
    if (!isKnown) return undefined;
    await this.#keepers.get(runId)?.settled(); // the last one may be on its way
    try {
      const held = this.#inMemory.get(runId);
      const files = await this.#files.read(runId).catch(() => []);
      const found = await findLastCheckpoint([held, ...files].filter((file) => file !== undefined));
      if (!found || found.owner.runId !== runId) return undefined;
      if (found.owner.data.fingerprint !== (await fingerprintOf(dataset))) return undefined;
      this.#slots.set(runId, found.file === files[0] ? 1 : 0); // the last whole file stays
      return found.checkpoint;
    } catch {
      return undefined; // what cannot be read is as good as not there: the run starts again
    }
  }

  /** The runs that closed tabs have left. */
  async interrupted(): Promise<readonly InterruptedRun[]> {
    const found: InterruptedRun[] = [];
    for (const runId of await this.#left) {
      const files = (await this.#files.read(runId)).filter((file) => file !== undefined);
      const opened = await Promise.all(files.map((file) => openCheckpoint(file).catch(() => undefined)));
      const whole = opened.filter((saved) => saved?.owner.runId === runId);
      const [last] = whole.toSorted((a, b) => b!.step - a!.step);
      if (last) found.push({ ...last.owner, runId, step: last.step });
      else await this.#files.remove(runId);
    }
    return found;
  }

  /** Deletes the checkpoints of a run that is over. */
  async forget(runId: string): Promise<void> {
    this.#claims.get(runId)?.();
    this.#claims.delete(runId);
    this.#keepers.delete(runId);
    this.#slots.delete(runId);
    this.#inMemory.delete(runId);
    await this.#files.remove(runId).catch(() => {}); // a file that stays is found, and offered, later
  }
}
