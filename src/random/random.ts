import { pcg4d, streamOf } from './pcg4d.ts';

const WORD = 2 ** -32;

/**
 * Numbers of one stream, read in order. Holds a position, not a state: `at(counter)` starts
 * anywhere, so any part of a sequence can be made alone.
 */
export class Random {
  readonly #words = new Uint32Array(4);
  readonly #seed: number;
  readonly #stream: number;
  #counter = 0;
  #left = 0;

  constructor(seed: number, stream: string | number) {
    this.#seed = seed >>> 0;
    this.#stream = typeof stream === 'string' ? streamOf(stream) : stream >>> 0;
  }

  /** The next draw is word 0 of `counter` (a block of four words). */
  at(counter: number): this {
    this.#counter = counter;
    this.#left = 0;
    return this;
  }

  /** Uniform in 0 … 2^32−1. */
  word(): number {
    if (this.#left === 0) {
      const high = Math.floor(this.#counter * WORD);
      pcg4d(this.#counter | 0, high, this.#stream, this.#seed, this.#words);
      this.#counter++;
      this.#left = 4;
    }
    return this.#words[4 - this.#left--];
  }

  /** Uniform in [0, 1), 24 bits: exact in float32. */
  uniform(): number {
    return (this.word() >>> 8) * 2 ** -24;
  }

  /** Standard normal (Box–Muller, cosine branch only, so that every draw costs two words). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) * WORD));
    return radius * Math.cos(2 * Math.PI * this.word() * WORD);
  }

  /** Uniform in 0 … bound−1, bound ≤ 2^32; bias below bound/2^32. */
  below(bound: number): number {
    return Math.floor(this.word() * WORD * bound);
  }

  /** Fisher–Yates, in place. */
  shuffle(values: Uint32Array): Uint32Array {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
    return values;
  }
}
