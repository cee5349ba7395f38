import type { AskedBudget } from '../comparison/askedBudgets.ts';
import { type ComparisonRequest, expandComparison, type Unreachable } from '../comparison/comparisonRuns.ts';
import type { MethodId, Settings } from '../settings/settings.ts';
import type { RunLength } from '../training/plan/runLength.ts';

export interface SearchRequest extends Omit<ComparisonRequest, 'seeds'> {
  /** How many learning rates are tried under each combination of the other settings, unless an axis gives them. */
  readonly rates: number;
}

/** A method at a budget, and the settings that compete for it. */
export interface SearchCell {
  readonly asked: AskedBudget;
  readonly method: MethodId;
  /** Parameters. */
  readonly budget: number;
  readonly candidates: readonly Candidate[];
  /** Learning rates of each combination of the other settings: as many for every method. */
  readonly rates: number;
}

export interface Candidate {
  readonly settings: Settings;
  readonly length: RunLength;
}

export interface SearchSpace {
  readonly cells: readonly SearchCell[];
  readonly unreachable: readonly Unreachable[];
}

/** Throws SettingError, as expandComparison does, and what `lengthOf` throws. */
export function spanSpace(
  { rates, axes = [], ...request }: SearchRequest,
  fields: Parameters<typeof expandComparison>[1],
  lengthOf: (settings: Settings) => RunLength,
): SearchSpace {
  const others = axes.filter(({ name }) => name !== 'learningRate');
  const given = axes.find(({ name }) => name === 'learningRate')?.values as readonly (number | null)[];
  const { runs, unreachable } = expandComparison({ ...request, axes: others, seeds: 1 }, fields);
  const candidatesOf = (settings: Settings): readonly Candidate[] => {
    const length = lengthOf(settings);
    return (given ?? ratesAround(length.learningRate, rates)).map((learningRate) => ({
      settings: Object.assign({}, settings, { learningRate }),
      length,
    }));
  };
  const cells = new Map<string, SearchCell>();
  for (const { asked, settings } of runs) {
    const { method, budget } = settings;
    const name = `${method} ${budget}`;
    const candidates = candidatesOf(settings);
    const before = cells.get(name)?.candidates ?? [];
    cells.set(name, {
      asked,
      method,
      budget: budget!,
      candidates: [...before, ...candidates],
      rates: candidates.length,
    });
  }
  return { cells: [...cells.values()], unreachable };
}

/** From one rate to the next. */
const RATE_STEP = 3;

/** Rates a factor of 3 apart, those above and below the middle as many, of two digits; one more above where `count` is even. */
export function ratesAround(middle: number, count: number): readonly number[] {
  const below = Math.floor((count - 1) / 2);
  return Array.from({ length: count }, (_, i) => Number((middle * RATE_STEP ** (i - below)).toPrecision(2)));
}
