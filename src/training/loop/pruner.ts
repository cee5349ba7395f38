import type { Execution } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { atOnce, type Pace } from '../../pieces/pieces.ts';
import type { OpOf } from '../../program/op.ts';
import { betweenSteps, type Program } from '../../program/program.ts';
import { elementCount } from '../../program/tensor.ts';
import type { StoredElements } from '../events/events.ts';

/**
 * How often a run prunes, evenly spread. Not after every step: a pruning passes over whole tables, a step only over the rows it
 * reads.
 */
const PRUNINGS = 50;
/** How many elements are read back at a time to count them. */
const COUNTED_ELEMENTS = 2 ** 20;

/**
 * When tables lose elements, and how many they keep. Deng et al. 2021, arXiv 2002.06987, have a sparsity of R·(1 − 0.99^(t/100))
 * after step t. Here t is scaled so that 99 % of R is reached at the end of the schedule, whatever step that is, and the last
 * pruning reaches R itself.
 */
export class PruneSchedule {
  readonly endStep: number;
  readonly elements: number;
  readonly #keep: number;
  readonly #every: number;

  constructor(elements: number, keep: number, endStep: number) {
    this.elements = elements;
    this.#keep = keep;
    this.endStep = endStep;
    this.#every = Math.ceil(endStep / PRUNINGS);
  }

  /** The step of the first pruning at or after `step`. */
  next(step: number): number {
    if (step > this.endStep) return Infinity;
    return Math.min(this.endStep, Math.ceil(step / this.#every) * this.#every);
  }

  keptAfter(step: number): number {
    if (step >= this.endStep) return this.#keep;
    const sparsity = (1 - this.#keep / this.elements) * (1 - 0.01 ** (step / this.endStep));
    return Math.ceil(this.elements * (1 - sparsity));
  }
}

/** Prunes the tables that the allocation of a run makes sparse. */
export class Pruner {
  readonly #execution: Execution;
  readonly #allocation: Allocation;
  readonly #pruned: OpOf<'prune'> | undefined;
  readonly #schedule: PruneSchedule | undefined;
  readonly #learnsThresholds: boolean;
  #isFinished = false;

  constructor(execution: Execution, program: Program, allocation: Allocation, endStep: number) {
    this.#execution = execution;
    this.#allocation = allocation;
    this.#learnsThresholds = program.sections.prune.some((op) => op.kind === 'freeze-thresholds');
    this.#pruned = program.sections.prune.find((op) => op.kind === 'prune');
    if (!this.#pruned) return;
    const elements = elementCount(this.#pruned.values);
    this.#schedule = new PruneSchedule(elements, allocation.nonZeros ?? elements, endStep);
  }

  /** The first step from `step` on that a pruning follows; Infinity: none. */
  next(step: number): number {
    return this.#schedule?.next(step) ?? Infinity;
  }

  /** Whether no more is stored after this step than the budget allows. */
  isDone(step: number): boolean {
    return this.#isFinished || !this.#schedule || step >= this.#schedule.endStep;
  }

  /** Prunes at once to the end of the schedule, for a run that ends before it. */
  finish(): void {
    this.#prune(Infinity);
    this.#isFinished = true;
  }

  pruneAfter(step: number): void {
    this.#prune(step);
  }

  #prune(step: number): void {
    const schedule = this.#schedule;
    if (!schedule) return;
    // While thresholds are learnt nothing is pruned by size: they are only frozen as soon as they leave few enough elements.
    const isLearning = this.#learnsThresholds && step < schedule.endStep;
    const goal = schedule.keptAfter(Infinity);
    const left = isLearning
      ? { keep: schedule.elements, enough: goal }
      : { keep: schedule.keptAfter(step), enough: schedule.elements };
    this.#execution.run('prune', [{ ...betweenSteps, ...left }]);
  }

  /** Counts what the weights store; undefined: nothing is pruned, and they store what the allocation says. */
  async countStored(pace: Pace = atOnce): Promise<StoredElements | undefined> {
    if (!this.#pruned) return undefined;
    const { values } = this.#pruned;
    const elements = elementCount(values);
    let nonZeros = 0;
    for (let from = 0; from < elements; from += COUNTED_ELEMENTS) {
      const count = Math.min(COUNTED_ELEMENTS, elements - from);
      for (const value of await this.#execution.read(values, from, count)) if (value !== 0) nonZeros++;
      await pace.rest();
    }
    const { parameters, nonZeros: allowed = nonZeros } = this.#allocation;
    return { nonZeros, parameters: parameters - 2 * (allowed - nonZeros) };
  }
}
