import type { EpochOrder } from '../batches/windows.ts';

/** What a run does at which step. Steps are counted from 1. Only counts decide, never the clock. */
export class Schedule {
  readonly totalSteps: number;
  readonly #order: EpochOrder;
  readonly #evaluateEvery: number;

  constructor(order: EpochOrder, epochs: number, evaluateEvery: number) {
    this.totalSteps = order.batches * epochs;
    this.#order = order;
    this.#evaluateEvery = evaluateEvery;
  }

  /** From 0. */
  epochOf(step: number): number {
    return Math.floor((step - 1) / this.#order.batches);
  }

  batchOf(step: number): number {
    return this.#order.batchAt(this.epochOf(step), (step - 1) % this.#order.batches);
  }

  /** The first step after `step` that an evaluation follows. One always follows the last step of the run. */
  nextEvaluation(step: number): number {
    const next = (Math.floor(step / this.#evaluateEvery) + 1) * this.#evaluateEvery;
    return Math.min(next, this.totalSteps);
  }
}
