import { allocate, reachableRange } from '../compression/allocate.ts';
import type { FieldStatistics } from '../compression/allocation.ts';
import type { ParameterRange } from '../compression/method.ts';
import { checkSetting } from '../settings/parseSetting.ts';
import type { MethodId, Settings } from '../settings/settings.ts';
import { type AskedBudget, parametersOf } from './askedBudgets.ts';
import { withOwnHyperparameters } from './hyperparameters.ts';
import { type SettingAxis, spanAxes } from './settingAxes.ts';

export interface ComparisonRequest {
  /** What all runs share; the first seed is its seed. */
  readonly settings: Settings;
  readonly methods: readonly MethodId[];
  readonly budgets: readonly AskedBudget[];
  /** Settings with several values: all combinations are compared. */
  readonly axes?: readonly SettingAxis[];
  readonly seeds: number;
}

export interface ComparisonRun {
  readonly asked: AskedBudget;
  readonly settings: Settings;
}

/** A method and a budget that do not go together, under some of the settings or all. */
export interface Unreachable {
  readonly asked: AskedBudget;
  readonly method: MethodId;
  /** Parameters. */
  readonly budget: number;
  readonly message: string;
  readonly remedy: string;
  /** null where the method has none to tell for these settings. */
  readonly range: ParameterRange | null;
}

export interface ComparisonRuns {
  readonly runs: readonly ComparisonRun[];
  readonly unreachable: readonly Unreachable[];
}

/**
 * Methods × budgets × axes × seeds as runs. Seeds vary slowest: a comparison that is cut short has compared
 * everything once, and runs of one seed share their batches. An axis that a method does not read makes no runs of it.
 * Throws SettingError for seeds or budgets that the settings cannot take.
 */
export function expandComparison(
  { settings, methods, budgets, axes = [], seeds }: ComparisonRequest,
  fields: readonly FieldStatistics[],
): ComparisonRuns {
  const unreachable = new Map<string, Unreachable>();
  const cells = new Map<string, ComparisonRun>();
  for (const { asked, budget } of distinct(budgets, fields))
    for (const method of methods)
      for (const spanned of spanAxes({ ...settings, method, budget }, axes)) {
        const cell = withOwnHyperparameters(spanned);
        const name = JSON.stringify(cell);
        if (cells.has(name)) continue;
        const obstacle = findObstacle(cell, budget, fields);
        if (!obstacle) cells.set(name, { asked, settings: cell });
        else
          unreachable.set(`${method} ${budget} ${obstacle.message}`, { asked, method, budget, ...obstacle });
      }
  const runs = Array.from({ length: seeds }, (_, i) => checkSetting('seed', settings.seed + i)).flatMap(
    (seed) =>
      [...cells.values()].map(({ asked, settings: cell }) => ({ asked, settings: { ...cell, seed } })),
  );
  return { runs, unreachable: [...unreachable.values()] };
}

/** Budgets that come to the same cap, once. */
function distinct(budgets: readonly AskedBudget[], fields: readonly FieldStatistics[]) {
  const byParameters = new Map<number, AskedBudget>();
  for (const asked of budgets) {
    const budget = checkSetting('budget', parametersOf(asked, fields))!;
    if (!byParameters.has(budget)) byParameters.set(budget, asked);
  }
  return [...byParameters].map(([budget, asked]) => ({ budget, asked }));
}

function findObstacle(settings: Settings, budget: number, fields: readonly FieldStatistics[]) {
  try {
    allocate(fields, { ...settings, budget });
    return null;
  } catch (error) {
    const { message, remedy } = error as Error & { remedy?: string };
    if (remedy === undefined) throw error;
    return { message, remedy, range: findRange(settings, fields) };
  }
}

/** null where it cannot be told either, for the reason that findObstacle already gives. */
function findRange(settings: Settings, fields: readonly FieldStatistics[]): ParameterRange | null {
  try {
    return reachableRange(fields, settings);
  } catch {
    return null;
  }
}
