import type { Checkpoint, CheckpointKeeper } from './checkpoint.ts';

/** Checkpoints take at most this share of the time. */
const LARGEST_SHARE = 1 / 50;

/** Keeps a checkpoint every `everyMs`, or less often where that would take more than a fiftieth of the time. */
export class PacedKeeper implements CheckpointKeeper {
  readonly #everyMs: number;
  readonly #write: (checkpoint: Checkpoint) => Promise<void>;
  #dueMs: number;
  #writing: Promise<void> | undefined;

  /** `write` resolves when it is kept, or when it is known, and told, that it cannot be. */
  constructor(everyMs: number, write: (checkpoint: Checkpoint) => Promise<void>) {
    this.#everyMs = everyMs;
    this.#write = write;
    this.#dueMs = performance.now() + everyMs;
  }

  isDue(): boolean {
    return !this.#writing && performance.now() >= this.#dueMs;
  }

  keep(checkpoint: Checkpoint, copyingMs: number): void {
    const writing = (this.#writing ?? Promise.resolve()).then(async () => {
      const startMs = performance.now();
      await this.#write(checkpoint);
      const nowMs = performance.now();
      this.#dueMs = nowMs + Math.max(this.#everyMs, (copyingMs + nowMs - startMs) / LARGEST_SHARE);
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
  }

  async settled(): Promise<void> {
    await this.#writing;
  }
}
