import { withOwnHyperparameters } from '../../comparison/hyperparameters.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RequestedRun } from '../runs/requestedRun.ts';
import type { RunCurves } from '../runs/runRecord.ts';
import type { RunResult } from '../../training/events/events.ts';

/** The search was cancelled, with a run of it or with its data. */
export class SearchCancelled extends Error {
  override readonly name = 'SearchCancelled';
}

type NamedRun = Pick<RequestedRun, 'settings' | 'untilStep'>;

interface Awaited {
  readonly resolve: (loss: number) => void;
  readonly reject: (error: SearchCancelled) => void;
}

/** The runs that a search waits for. They keep their settings when the queue gives them another id. */
export class AwaitedRuns {
  readonly #awaited = new Map<string, Awaited>();

  /** The lowest validation loss of the run when it has ended, NaN where there is none. Rejects with SearchCancelled. */
  lossOf(run: NamedRun): Promise<number> {
    return new Promise((resolve, reject) => void this.#awaited.set(keyOf(run), { resolve, reject }));
  }

  /** A run has ended with a result; undefined: it has failed. */
  ended(run: NamedRun, outcome?: { readonly result: RunResult; readonly curves: RunCurves }): void {
    this.#awaited.get(keyOf(run))?.resolve(outcome ? lowestLoss(outcome) : Number.NaN);
    this.#awaited.delete(keyOf(run));
  }

  /** Nobody trains these any more: the search that waits for one of them is over. */
  cancelled(runs: readonly NamedRun[]): void {
    if (runs.some((run) => this.#awaited.has(keyOf(run)))) this.cancelAll();
  }

  cancelAll(): void {
    const awaited = [...this.#awaited.values()];
    this.#awaited.clear();
    for (const { reject } of awaited) reject(new SearchCancelled());
  }
}

/** NaN for a run that diverged, or was never evaluated. */
export function lowestLoss({
  result,
  curves,
}: {
  readonly result: Pick<RunResult, 'reason'>;
  readonly curves: Pick<RunCurves, 'validationLoss'>;
}): number {
  const { values } = curves.validationLoss;
  return result.reason === 'diverged' || values.length === 0 ? Number.NaN : Math.min(...values);
}

function keyOf({ settings, untilStep }: NamedRun): string {
  const own: Settings = withOwnHyperparameters(settings);
  return JSON.stringify([own, untilStep ?? null]);
}
