/**
 * Long work, which yields after every piece of at most a few milliseconds. Nothing that it computes depends on when its next piece
 * is asked for.
 */
export type Pieces<Result> = Generator<void, Result, void>;

/** Does all pieces at once. */
export function finish<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/** Thrown in the place of a result that is no longer wanted. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';

  constructor() {
    super('The work was given up, because nobody wants its result any more.');
  }
}

/** Decides when work pauses for the other tasks of its thread, and whether it is still wanted. It changes no number. */
export interface Pace {
  /** Does the pieces, with rests in between. Rejects with GivenUp; the pieces are returned then, so that they can clean up. */
  work<Result>(pieces: Pieces<Result>): Promise<Result>;
  /** Awaited between two parts of work that waits for a device or a file in between. Rejects with GivenUp. */
  rest(): Promise<void>;
}

/** Without rests, in this very call: `work` has done all pieces when it returns. */
export const atOnce: Pace = {
  work: async (pieces) => finish(pieces),
  rest: () => Promise.resolve(),
};

/** How long a thread works between two looks at its messages. */
const TURN_MS = 25;

export interface TurnOptions {
  /** Resolves after the thread has read its messages. */
  readonly yieldThread: () => Promise<void>;
  /** Whether nobody wants the result any more; by default somebody always does. */
  readonly isGivenUp?: () => boolean;
  readonly turnMs?: number;
  readonly nowMs?: () => number;
}

/** Rests after every turn of about `turnMs`. */
export class Turns implements Pace {
  readonly #yieldThread: () => Promise<void>;
  readonly #isGivenUp: () => boolean;
  readonly #turnMs: number;
  readonly #nowMs: () => number;
  #begunMs: number;

  constructor({
    yieldThread,
    isGivenUp = () => false,
    turnMs = TURN_MS,
    nowMs = () => performance.now(),
  }: TurnOptions) {
    this.#yieldThread = yieldThread;
    this.#isGivenUp = isGivenUp;
    this.#turnMs = turnMs;
    this.#nowMs = nowMs;
    this.#begunMs = nowMs();
  }

  async work<Result>(pieces: Pieces<Result>): Promise<Result> {
    try {
      for (;;) {
        this.#checkWanted();
        const { done, value } = pieces.next();
        if (done) return value;
        if (this.#isOver()) await this.#rest();
      }
    } finally {
      pieces.return(undefined as Result);
    }
  }

  async rest(): Promise<void> {
    if (this.#isOver()) await this.#rest();
    this.#checkWanted();
  }

  #isOver(): boolean {
    return this.#nowMs() - this.#begunMs >= this.#turnMs;
  }

  async #rest(): Promise<void> {
    await this.#yieldThread();
    this.#begunMs = this.#nowMs();
  }

  #checkWanted(): void {
    if (this.#isGivenUp()) throw new GivenUp();
  }
}

/** Ranges that cover 0 … count − 1, of at most `most` each. */
export function* rangesOf(
  count: number,
  most: number,
): Generator<{ readonly from: number; readonly end: number }> {
  for (let from = 0; from < count; from += most) yield { from, end: Math.min(count, from + most) };
}

/** Elements that are copied between two rests: 4 MiB, a few milliseconds. */
export const COPIED_ELEMENTS = 2 ** 20;

type Elements = Float32Array | Float64Array | Uint32Array;

/** Copies all of `from` into `to`, to its elements from `offset` on. */
export function* copying(from: Elements, to: Elements, offset = 0): Pieces<void> {
  for (const range of rangesOf(from.length, COPIED_ELEMENTS)) {
    to.set(from.subarray(range.from, range.end), offset + range.from);
    yield;
  }
}
