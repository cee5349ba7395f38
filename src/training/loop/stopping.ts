import type { Evaluated, Search } from '../checkpoint/checkpoint.ts';
import { lossOf, type Metrics } from '../../metrics/metrics.ts';

/**
 * Training has diverged when the mean loss of a step is more than this many times that of the first step, or 1 if that is larger.
 */
const DIVERGENCE_FACTOR = 1000;

/** Watches the training loss of every step, in order. */
export class DivergenceWatch {
  #limit: number | undefined;

  constructor(limit?: number) {
    this.#limit = limit;
  }

  /** The mean loss from which on a step has diverged; undefined before the first step. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /** The index of the first loss that is not finite, or too large compared with the first step's; −1: none. */
  firstBad(losses: Float32Array): number {
    return losses.findIndex((loss) => {
      if (!Number.isFinite(loss)) return true;
      this.#limit ??= DIVERGENCE_FACTOR * Math.max(1, loss);
      return loss > this.#limit;
    });
  }
}

/** Remembers the best validation loss and counts evaluations without a better one. */
export class EarlyStopping {
  readonly #patience: number;
  #best: Evaluated | undefined;
  #evaluationsSinceBest: number;

  /** patience 0: never stops. `before`: what an earlier part of the run has found. */
  constructor(patience: number, before: Search = { best: undefined, evaluationsSinceBest: 0 }) {
    this.#patience = patience;
    this.#best = before.best;
    this.#evaluationsSinceBest = before.evaluationsSinceBest;
  }

  get best(): Evaluated | undefined {
    return this.#best;
  }

  get search(): Search {
    return { best: this.#best, evaluationsSinceBest: this.#evaluationsSinceBest };
  }

  /** Whether these are the best so far. */
  record(step: number, metrics: Metrics): boolean {
    if (this.#best && !(lossOf(metrics) < lossOf(this.#best.metrics))) {
      this.#evaluationsSinceBest++;
      return false;
    }
    this.#best = { step, metrics };
    this.#evaluationsSinceBest = 0;
    return true;
  }

  get shouldStop(): boolean {
    return this.#patience > 0 && this.#evaluationsSinceBest >= this.#patience;
  }
}
