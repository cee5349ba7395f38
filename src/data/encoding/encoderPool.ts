import type { RecordBlock } from './blockCutter.ts';
import type { BlockSummary, EncodeJob } from './blockEncoder.ts';
import { encodeHere, encodeOn, type Encoder } from './encoder.ts';
import type { EncoderThreads } from './threads.ts';

/** Blocks that an encoder has at once: the one it works on, and the next. */
const blocksAhead = 2;

interface Member {
  readonly encoder: Encoder;
  readonly end: ((reason: unknown) => void) | null;
  /** Indices of the blocks that it holds, rising. */
  readonly blocks: number[];
  busy: number;
}

/** Hands blocks to encoders, and their summaries back in the order of the file. */
export class EncoderPool {
  readonly members: readonly Member[];
  readonly #onSummary: (summary: BlockSummary, member: number) => void;
  readonly #early = new Map<number, readonly [BlockSummary, number]>();
  readonly #running = new Set<Promise<void>>();
  #next = 0;
  #failure: { readonly error: unknown } | null = null;

  /** `threads` null: encodes on this thread. `onSummary` may throw. */
  static async open(
    job: EncodeJob,
    threads: EncoderThreads | null,
    onSummary: (summary: BlockSummary, member: number) => void,
  ): Promise<EncoderPool> {
    if (threads === null) return new EncoderPool([{ encoder: encodeHere(job), end: null }], onSummary);
    const started = await Promise.all(Array.from({ length: threads.count }, () => threads.start()));
    return new EncoderPool(
      started.map((thread) => encodeOn(thread, job)),
      onSummary,
    );
  }

  private constructor(
    encoders: readonly Pick<Member, 'encoder' | 'end'>[],
    onSummary: (summary: BlockSummary, member: number) => void,
  ) {
    this.members = encoders.map((own) => ({ ...own, blocks: [], busy: 0 }));
    this.#onSummary = onSummary;
  }

  /** Resolves when there is room for the next block. Rejects with what a summary before it was refused for. */
  async submit(block: RecordBlock, largestKey: number): Promise<void> {
    const member = this.members.reduce((a, b) => (b.busy < a.busy ? b : a));
    member.busy++;
    member.blocks.push(block.index);
    const running = member.encoder
      .encode(block, largestKey)
      .then(
        (summary) => this.#take(summary, this.members.indexOf(member)),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        member.busy--;
        this.#running.delete(running);
      });
    this.#running.add(running);
    while (this.#running.size > 0 && this.members.every(({ busy, end }) => busy >= (end ? blocksAhead : 1))) {
      await Promise.race(this.#running);
    }
    this.#throwFailure();
  }

  /** Waits for all blocks. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  /** Gives the threads back; calls that have not been answered reject. */
  close(reason: unknown): void {
    for (const { end } of this.members) end?.(reason);
  }

  #take(summary: BlockSummary, member: number): void {
    this.#early.set(summary.index, [summary, member]);
    try {
      for (let early = this.#early.get(this.#next); early; early = this.#early.get(this.#next)) {
        this.#early.delete(this.#next++);
        if (!this.#failure) this.#onSummary(...early);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
