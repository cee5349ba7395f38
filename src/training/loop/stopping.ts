import { lossOf, type Metrics } from '../../metrics/metrics.ts';

/** A step's mean loss beyond this many times the first step's (or beyond this, if that was below 1) is divergence. */
const DIVERGENCE_FACTOR = 1000;

/** Watches the training loss of every step, in order. */
export class DivergenceWatch {
  #limit: number | undefined;

  /** The first of these losses that is no number, or too far from where training began; −1: none. */
  firstBad(losses: Float32Array): number {
    return losses.findIndex((loss) => {
      if (!Number.isFinite(loss)) return true;
      this.#limit ??= DIVERGENCE_FACTOR * Math.max(1, loss);
      return loss > this.#limit;
    });
  }
}

export interface BestEvaluation {
  readonly step: number;
  readonly metrics: Metrics;
}

/** Remembers the best validation loss and counts evaluations without a better one. */
export class EarlyStopping {
  best: BestEvaluation | undefined;
  readonly #patience: number;
  #evaluationsSinceBest = 0;

  /** patience 0: never stops. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** True: the best so far. */
  record(step: number, metrics: Metrics): boolean {
    if (this.best && !(lossOf(metrics) < lossOf(this.best.metrics))) {
      this.#evaluationsSinceBest++;
      return false;
    }
    this.best = { step, metrics };
    this.#evaluationsSinceBest = 0;
    return true;
  }

  get shouldStop(): boolean {
    return this.#patience > 0 && this.#evaluationsSinceBest >= this.#patience;
  }
}
