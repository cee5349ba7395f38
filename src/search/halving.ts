import type { RunLength } from '../training/plan/runLength.ts';
import type { Candidate, SearchCell } from './space.ts';

/** η: of so many candidates one goes on, for so many times the steps. */
const HALVING = 3;

/** The rungs of one cell, from the shortest runs to whole ones. */
export interface CellPlan {
  readonly cell: SearchCell;
  /** Rungs below whole runs: 0 trains every candidate to its end. */
  readonly depth: number;
}

/** What a search will do. */
export interface SearchPlan {
  readonly cells: readonly CellPlan[];
  /** Training steps of the search if no run ends early. */
  readonly steps: number;
  /** The same of all candidates trained to their end with all seeds. */
  readonly gridSteps: number;
}

export interface SearchBudget {
  readonly seeds: number;
  /** Training steps that the search may take; undefined: as deep a halving as leaves one candidate. */
  readonly steps?: number | undefined;
}

/** The budget is less than the least that a search of this space takes. */
export class SearchBudgetError extends Error {
  override readonly name = 'SearchBudgetError';
  readonly remedy: string;

  constructor(asked: number, least: number) {
    super(
      `The search takes at least ${least.toLocaleString('en')} training steps, and ${asked.toLocaleString('en')} are allowed.`,
    );
    this.remedy = 'Allow more steps, or search fewer methods, budgets, settings or learning rates.';
  }
}

/**
 * Successive halving in every cell (Jamieson and Talwalkar 2016): of n candidates all get the fewest steps, the best third three times
 * as many, and so on; the last are trained to their end, the best of them with all seeds. Where a budget is given, the candidates go
 * on for as long as it allows, so that a large one is a full grid. Throws SearchBudgetError.
 */
export function planSearch(
  cells: readonly SearchCell[],
  { seeds, steps: allowed }: SearchBudget,
): SearchPlan {
  const gridSteps = sum(
    cells.map(({ candidates }) => seeds * sum(candidates.map(({ length }) => length.totalSteps))),
  );
  const deepest = Math.max(0, ...cells.map(deepestOf));
  const plans: SearchPlan[] = [];
  for (let extra = allowed === undefined ? 0 : -deepest; extra <= deepest; extra++) {
    const planned = cells.map((cell) => ({
      cell,
      depth: Math.min(deepestOf(cell), Math.max(0, usualDepth(cell) + extra)),
    }));
    const plan = { cells: planned, steps: sum(planned.map((own) => stepsOf(own, seeds))), gridSteps };
    if (allowed === undefined || plan.steps <= allowed) return plan;
    plans.push(plan);
  }
  throw new SearchBudgetError(allowed!, Math.min(...plans.map(({ steps }) => steps)));
}

/** Leaves one candidate. */
function usualDepth({ candidates }: SearchCell): number {
  let depth = 0;
  while (survivorsAt(candidates.length, depth) > 1) depth++;
  return depth;
}

/** The first rung has at least one evaluation. */
function deepestOf({ candidates }: SearchCell): number {
  const evaluations = Math.min(...candidates.map(({ length }) => length.totalSteps / length.evaluateEvery));
  return Math.max(0, Math.floor(Math.log(evaluations) / Math.log(HALVING) + 1e-9));
}

/** How many candidates of `count` are trained on rung `rung`. */
export function survivorsAt(count: number, rung: number): number {
  return Math.max(1, Math.ceil(count / HALVING ** rung));
}

/**
 * The step after which a run of rung `rung` is looked at: an evaluation's, so that the run is the beginning of a longer one to the
 * bit. null: its end.
 */
export function stepOfRung(
  { totalSteps, evaluateEvery }: RunLength,
  rung: number,
  depth: number,
): number | null {
  if (rung >= depth) return null;
  const step = Math.ceil(totalSteps / HALVING ** (depth - rung) / evaluateEvery) * evaluateEvery;
  return step < totalSteps ? step : null;
}

/** At most: the longest candidates survive, and a run goes on where the rung before left it. */
function stepsOf({ cell, depth }: CellPlan, seeds: number): number {
  const lengths = cell.candidates.map(({ length }) => length).sort((a, b) => b.totalSteps - a.totalSteps);
  let steps = (seeds - 1) * lengths[0].totalSteps;
  for (let rung = 0; rung <= depth; rung++)
    for (const length of lengths.slice(0, survivorsAt(lengths.length, rung)))
      steps += reached(length, rung, depth) - (rung === 0 ? 0 : reached(length, rung - 1, depth));
  return steps;
}

const reached = (length: RunLength, rung: number, depth: number): number =>
  stepOfRung(length, rung, depth) ?? length.totalSteps;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The best of them by loss, in the order of their losses; equal ones in their own order. A loss that is not a number is the worst. */
export function best(
  candidates: readonly Candidate[],
  losses: readonly number[],
  count: number,
): readonly Candidate[] {
  const rank = (i: number): number => (Number.isNaN(losses[i]) ? Infinity : losses[i]);
  return candidates
    .map((_, i) => i)
    .sort((a, b) => (rank(a) === rank(b) ? a - b : rank(a) - rank(b)))
    .slice(0, count)
    .map((i) => candidates[i]);
}
