import type { AskedBudget } from '../comparison/askedBudgets.ts';
import type { Settings } from '../settings/settings.ts';
import { best, type CellPlan, type SearchPlan, stepOfRung, survivorsAt } from './halving.ts';
import type { Candidate } from './space.ts';

/** A run that a search asks for. */
export interface SearchRun {
  readonly asked: AskedBudget;
  readonly settings: Settings;
  /** The step after which it is left, to go on later perhaps; null: it is trained to its end. */
  readonly untilStep: number | null;
}

/** Trains runs, in any order, and answers with the validation loss of each: the lowest so far. NaN: there is none. */
export type TrainRuns = (runs: readonly SearchRun[]) => Promise<readonly number[]>;

/** A cell, and the settings that won it. */
export interface Winner {
  readonly plan: CellPlan;
  readonly settings: Settings;
}

/**
 * Rung by rung, in all cells at once: every method is as far as the others whenever the search is left. Then trains the winner of
 * each cell with the other seeds. The order of losses alone decides, so that a search over the same numbers is the same search.
 */
export async function search(
  { cells }: SearchPlan,
  seeds: number,
  train: TrainRuns,
): Promise<readonly Winner[]> {
  let left = cells.map((plan): { readonly plan: CellPlan; readonly candidates: readonly Candidate[] } => ({
    plan,
    candidates: plan.cell.candidates,
  }));
  const rungs = Math.max(0, ...cells.map(({ depth }) => depth));
  for (let rung = 0; rung <= rungs; rung++) {
    const runs = left.map(({ plan, candidates }) =>
      rung > plan.depth ? [] : candidates.map((candidate) => runOf(plan, candidate, rung)),
    );
    const losses = [...(await train(runs.flat()))];
    left = left.map(({ plan, candidates }, i) => {
      if (rung > plan.depth) return { plan, candidates };
      const survivors = rung === plan.depth ? 1 : survivorsAt(plan.cell.candidates.length, rung + 1);
      return { plan, candidates: best(candidates, losses.splice(0, runs[i].length), survivors) };
    });
  }
  const winners = left.map(({ plan, candidates: [{ settings }] }) => ({ plan, settings }));
  await train(winners.flatMap(({ plan, settings }) => otherSeeds(plan, settings, seeds)));
  return winners;
}

function runOf(
  { cell: { asked }, depth }: CellPlan,
  { settings, length }: Candidate,
  rung: number,
): SearchRun {
  return { asked, settings, untilStep: stepOfRung(length, rung, depth) };
}

function otherSeeds({ cell: { asked } }: CellPlan, settings: Settings, seeds: number): readonly SearchRun[] {
  return Array.from({ length: seeds - 1 }, (_, i) => ({
    asked,
    settings: Object.assign({}, settings, { seed: settings.seed + i + 1 }),
    untilStep: null,
  }));
}
