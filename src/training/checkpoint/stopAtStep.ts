import { lossOf, type Metrics } from '../../metrics/metrics.ts';
import type { Checkpoint, CheckpointKeeper } from './checkpoint.ts';

/** Ends a run after a step, and has its checkpoint then: the run is the beginning of a longer one to the bit. */
export class StopAtStep implements CheckpointKeeper {
  readonly #step: number | null;
  readonly #reason: string;
  readonly #end = new AbortController();
  /** undefined: the run was not there, or ended before. */
  kept: Checkpoint | undefined;

  /** `step`: of an evaluation; null: never. `reason`: to abort the run with. */
  constructor(step: number | null, reason: string) {
    this.#step = step;
    this.#reason = reason;
  }

  /** For the run. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  isDue(step: number): boolean {
    return step === this.#step && !this.kept;
  }

  keep(checkpoint: Checkpoint): void {
    this.kept = checkpoint;
    this.#end.abort(this.#reason);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}

/** The metrics with the lowest validation loss so far. Before tables are pruned no weights are the best, and these stand for them. */
export function lowestSoFar({ position: { evaluations } }: Checkpoint): Metrics {
  return evaluations.map(({ metrics }) => metrics).reduce((a, b) => (lossOf(b) < lossOf(a) ? b : a));
}
