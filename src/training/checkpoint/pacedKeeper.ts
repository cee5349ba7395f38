import type { Checkpoint, CheckpointKeeper } from './checkpoint.ts';

/** Checkpoints take at most this share of the time. */
const LARGEST_SHARE = 1 / 50;

/** Keeps a checkpoint every `everyMs`, or less often where that would take more than a fiftieth of the time, and one at the end. */
export class PacedKeeper implements CheckpointKeeper {
  readonly #everyMs: number;
  readonly #write: (checkpoint: Checkpoint) => Promise<void>;
  readonly #end: AbortSignal | undefined;
  #lastStep: number | undefined;
  #dueMs: number;
  #writing: Promise<void> | undefined;

  /**
   * `write` resolves when it is kept, or when it is known, and told, that it cannot be. `end`: aborted where the run stops early and may
   * be gone on with, so that its last step is kept too.
   */
  constructor(everyMs: number, write: (checkpoint: Checkpoint) => Promise<void>, end?: AbortSignal) {
    this.#everyMs = everyMs;
    this.#write = write;
    this.#end = end;
    this.#dueMs = performance.now() + everyMs;
  }

  isDue(step: number): boolean {
    if (this.#end?.aborted) return step !== this.#lastStep;
    return !this.#writing && performance.now() >= this.#dueMs;
  }

  keep(checkpoint: Checkpoint, copyingMs: number): void {
    this.#lastStep = checkpoint.position.step;
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
