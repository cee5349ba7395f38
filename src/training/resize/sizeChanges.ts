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
  /** Takes the next change out. */
  take(): SizeChange | undefined;
}

export interface PlannedResize {
  readonly step: number;
  readonly budget: number;
}

/** Resizes at given steps. Only steps decide, so that it is the same run on every machine. */
export function plannedChanges(resizes: readonly PlannedResize[]): SizeChanges {
  const left = resizes.toSorted((a, b) => a.step - b.step);
  return {
    nextStep: () => left[0]?.step ?? Infinity,
    take() {
      const next = left.shift();
      return next && { kind: 'resize', budget: next.budget };
    },
  };
}

/** Changes as the page asks for them: one after another, each as soon as the steps in flight are done. */
export class RequestedChanges implements SizeChanges {
  #due: readonly SizeChange[] = [];

  request(change: SizeChange): void {
    this.#due = [...this.#due, change];
  }

  nextStep(): number {
    return this.#due.length > 0 ? 0 : Infinity;
  }

  take(): SizeChange | undefined {
    const [next, ...later] = this.#due;
    this.#due = later;
    return next;
  }
}
