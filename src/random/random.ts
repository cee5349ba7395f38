/**
 * The project's only source of randomness: pcg4d, a counter-based generator of four 32-bit words.
 * Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", listing 5. Integer multiplies, adds
 * and shifts only, so shaders/random.wgsl gives the same bits.
 *
 * A draw is addressed, never advanced: (seed, stream, counter) → words. Two parts of the program
 * that use different streams can never disturb each other's numbers.
 */
export function pcg4d(x: number, y: number, z: number, w: number, out: Uint32Array): void {
  x = (Math.imul(x, 1664525) + 1013904223) | 0;
  y = (Math.imul(y, 1664525) + 1013904223) | 0;
  z = (Math.imul(z, 1664525) + 1013904223) | 0;
  w = (Math.imul(w, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  out[0] = x;
  out[1] = y;
  out[2] = z;
  out[3] = w;
}

/** 32-bit FNV-1a of a name: the stream number of everything that has a name. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

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
