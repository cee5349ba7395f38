import { Random } from '../random/random.ts';

/**
 * Algorithm R (Vitter 1985, "Random sampling with a reservoir"): after any number of offers each
 * one so far holds a slot with the same probability. Draws are addressed by a fixed seed, so a
 * file gives the same sample every time.
 */
export class Reservoir {
  readonly #size: number;
  readonly #random: Random;
  #offered = 0;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#random = new Random(seed, 'reservoir');
  }

  get offered(): number {
    return this.#offered;
  }

  /** Slots in use. */
  get kept(): number {
    return Math.min(this.#offered, this.#size);
  }

  /** The slot that the next example takes, whoever held it; −1: it is not kept. */
  offer(): number {
    const slot = this.#offered < this.#size ? this.#offered : this.#random.below(this.#offered + 1);
    this.#offered++;
    return slot < this.#size ? slot : -1;
  }
}
