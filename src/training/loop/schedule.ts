import { epochOrder } from '../batches/batches.ts';

/** What a run does at which step. Steps are counted from 1. Only counts decide, never the clock. */
export class Schedule {
  readonly totalSteps: number;
  readonly #batches: number;
  readonly #seed: number;
  readonly #evaluateEvery: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(batches: number, epochs: number, evaluateEvery: number, seed: number) {
    this.totalSteps = batches * epochs;
    this.#batches = batches;
    this.#evaluateEvery = evaluateEvery;
    this.#seed = seed;
  }

  batchOf(step: number): number {
    const epoch = Math.floor((step - 1) / this.#batches);
    if (epoch !== this.#epoch) {
      this.#order = epochOrder(this.#batches, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#order[(step - 1) % this.#batches];
  }

  /** The first step after `step` that an evaluation follows. One always follows the last step of the run. */
  nextEvaluation(step: number): number {
    const next = (Math.floor(step / this.#evaluateEvery) + 1) * this.#evaluateEvery;
    return Math.min(next, this.totalSteps);
  }
}
