import { settingTable } from '../../settings/settings.ts';
import { formatShort } from '../shared/format.ts';

/** Positions of the budget slider, log-spaced: 1/500 of the range is about 2 % of the budget. */
export const BUDGET_POSITIONS = 500;

export interface BudgetScale {
  readonly min: number;
  readonly max: number;
}

const limits = settingTable.budget as { readonly min: number; readonly max: number };

/** A scale within the setting's limits, at least a factor of 2 wide. */
export function budgetScale(smallest: number, largest: number): BudgetScale {
  const min = Math.min(Math.max(limits.min, Math.ceil(smallest)), limits.max / 2);
  return { min, max: Math.min(limits.max, Math.max(largest, 2 * min)) };
}

export function toPosition({ min, max }: BudgetScale, budget: number): number {
  const share = Math.log(budget / min) / Math.log(max / min);
  return Math.min(BUDGET_POSITIONS, Math.max(0, share * BUDGET_POSITIONS));
}

/** Rounds to three digits, so that a dragged budget is a round number. */
export function toBudget({ min, max }: BudgetScale, position: number): number {
  const budget = min * (max / min) ** (position / BUDGET_POSITIONS);
  const rounded = Number(budget.toPrecision(3));
  return Math.round(Math.min(max, Math.max(min, rounded)));
}

export interface Tick {
  readonly position: number;
  readonly label: string;
}

/** Ticks at 1, 2 and 5 of every decade in range. */
export function budgetTicks(scale: BudgetScale): readonly Tick[] {
  const ticks: Tick[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(scale.min)); decade <= scale.max; decade *= 10)
    for (const factor of [1, 2, 5]) {
      const budget = decade * factor;
      if (budget < scale.min || budget > scale.max) continue;
      ticks.push({ position: toPosition(scale, budget), label: formatShort(budget) });
    }
  return ticks;
}
