/** A change of a run's size while it trains. */
export type SizeChange =
  /** To the dims that this budget, and this α, give. */
  | { readonly kind: 'resize'; readonly budget: number; readonly alpha?: number }
  /** Back to the weights and the optimiser state before the last resize. */
  | { readonly kind: 'undo' };

/** Where a run finds the changes that it is asked for. They are made between two steps. */
export interface SizeChanges {
  /** The step after which the next change is due; Infinity: none is known. */
  nextStep(): number;
  /** The next change, which then counts as taken. */
  take(): SizeChange | undefined;
  /** Goes back, or on, to where so many were taken: the run goes on from a checkpoint. */
  goTo(taken: number): void;
}

export interface PlannedResize {
  readonly step: number;
  readonly budget: number;
}

/** Resizes at given steps. Only steps decide, so that it is the same run on every machine. */
export function plannedChanges(resizes: readonly PlannedResize[]): SizeChanges {
  const planned = resizes.toSorted((a, b) => a.step - b.step);
  let next = 0;
  return {
    nextStep: () => planned[next]?.step ?? Infinity,
    take: () => (next < planned.length ? { kind: 'resize', budget: planned[next++].budget } : undefined),
    goTo: (taken) => void (next = taken),
  };
}

/** Changes as the page asks for them: one after another, each as soon as the steps in flight are done. */
export class RequestedChanges implements SizeChanges {
  /** All that the run was asked for, so that those after a checkpoint can be made again. */
  readonly #asked: SizeChange[] = [];
  readonly #before: number;
  #taken: number;

  /** `before`: the changes that the run has already made, if it goes on from a checkpoint. */
  constructor(before = 0) {
    this.#before = before;
    this.#taken = before;
  }

  request(change: SizeChange): void {
    this.#asked.push(change);
  }

  nextStep(): number {
    return this.#taken < this.#before + this.#asked.length ? 0 : Infinity;
  }

  take(): SizeChange | undefined {
    const change = this.#asked[this.#taken - this.#before];
    if (change) this.#taken++;
    return change;
  }

  goTo(taken: number): void {
    this.#taken = Math.max(taken, this.#before);
  }
}
