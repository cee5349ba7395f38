import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBudgets } from '../../../src/comparison/askedBudgets.ts';
import { parseAxis } from '../../../src/comparison/settingAxes.ts';
import { frontOf } from '../../../src/search/front.ts';
import { best, planSearch, SearchBudgetError, stepOfRung, survivorsAt } from '../../../src/search/halving.ts';
import { search, type SearchRun } from '../../../src/search/search.ts';
import { ratesAround, spanSpace } from '../../../src/search/space.ts';
import { defaultSettings, type MethodId } from '../../../src/settings/settings.ts';
import type { RunLength } from '../../../src/training/plan/runLength.ts';

const fields = [
  { name: 'small', cardinality: 40 },
  { name: 'large', cardinality: 960 },
];
const length: RunLength = { totalSteps: 900, evaluateEvery: 10, learningRate: 0.001 };
const methods: readonly MethodId[] = ['uniform', 'mixed-dimension', 'hashing'];

const space = (rates: number, alphas = '0.1,0.2,0.4') =>
  spanSpace(
    {
      settings: defaultSettings,
      methods,
      budgets: parseBudgets('4k,8k'),
      axes: [parseAxis('alpha', alphas)],
      rates,
    },
    fields,
    () => length,
  );

describe('the space of a search', () => {
  test('gives every method the same learning rates under each combination of its other settings', () => {
    const { cells } = space(5);
    expect(cells.map(({ method, budget, candidates }) => [method, budget, candidates.length])).toEqual(
      [4000, 8000].flatMap((budget) =>
        methods.map((method) => [method, budget, method === 'mixed-dimension' ? 15 : 5]),
      ),
    );
    for (const { candidates, rates } of cells) {
      expect(rates).toBe(5);
      for (const alpha of new Set(candidates.map(({ settings }) => settings.alpha))) {
        const own = candidates.filter(({ settings }) => settings.alpha === alpha);
        expect(own.map(({ settings }) => settings.learningRate)).toEqual(ratesAround(0.001, 5));
      }
    }
  });

  test('has rates a factor of 3 apart around that of the data', () => {
    expect(ratesAround(0.001, 5)).toEqual([0.00011, 0.00033, 0.001, 0.003, 0.009]);
    expect(ratesAround(0.005, 1)).toEqual([0.005]);
    expect(ratesAround(0.005, 2)).toEqual([0.005, 0.015]);
  });

  test('takes the rates of an axis instead', () => {
    const axes = [parseAxis('learningRate', '0.1,auto')];
    const request = { settings: defaultSettings, methods, budgets: parseBudgets('8k'), axes, rates: 5 };
    const { cells } = spanSpace(request, fields, () => length);
    for (const { candidates } of cells)
      expect(candidates.map(({ settings }) => settings.learningRate)).toEqual([0.1, null]);
  });
});

describe('the plan of a search', () => {
  const rates = fc.integer({ min: 1, max: 12 });
  const seeds = fc.integer({ min: 1, max: 4 });

  test('never takes more steps than it may, and all of the grid where it may', () => {
    fc.assert(
      fc.property(rates, seeds, fc.integer({ min: 1, max: 300_000 }), (tries, count, steps) => {
        const { cells } = space(tries);
        const grid = planSearch(cells, { seeds: 1, steps: 1e9 });
        expect(grid.cells.every(({ depth }) => depth === 0)).toBe(true);
        expect(grid.steps).toBe(grid.gridSteps);
        try {
          expect(planSearch(cells, { seeds: count, steps }).steps).toBeLessThanOrEqual(steps);
        } catch (error) {
          expect(error).toBeInstanceOf(SearchBudgetError);
          expect((error as Error).message).toMatch(/^The search takes at least [\d,]+ training steps/);
        }
      }),
    );
  });

  test('takes what it says where no run ends early', async () => {
    await fc.assert(
      fc.asyncProperty(rates, seeds, async (tries, count) => {
        const plan = planSearch(space(tries).cells, { seeds: count });
        let steps = 0;
        const reached = new Map<string, number>();
        await search(plan, count, async (runs) =>
          runs.map((run) => {
            const before = reached.get(nameOf(run)) ?? 0;
            steps += (run.untilStep ?? length.totalSteps) - before;
            reached.set(nameOf(run), run.untilStep ?? length.totalSteps);
            return lossOf(run);
          }),
        );
        expect(steps).toBe(plan.steps);
      }),
    );
  });

  test('has rungs that end at an evaluation, each later than the one before', () => {
    const lengths = fc.record({
      totalSteps: fc.integer({ min: 1, max: 10_000 }),
      evaluateEvery: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 6 }), (own, depth) => {
        const ends = Array.from({ length: depth + 1 }, (_, rung) =>
          stepOfRung({ ...own, learningRate: 1 }, rung, depth),
        );
        expect(ends.at(-1)).toBeNull();
        for (const [i, end] of ends.entries()) {
          if (end === null) continue;
          expect(end % own.evaluateEvery).toBe(0);
          expect(end).toBeLessThan(own.totalSteps);
          expect(ends[i + 1] ?? Infinity).toBeGreaterThanOrEqual(end);
        }
      }),
    );
  });

  test('leaves a third at each rung, and one at last', () => {
    expect([0, 1, 2, 3, 9].map((rung) => survivorsAt(25, rung))).toEqual([25, 9, 3, 1, 1]);
  });
});

const nameOf = ({ settings }: SearchRun): string => JSON.stringify(settings);

/** Falls with steps at the same pace for all, and is lowest at α = 0.2 and a rate of 0.003. */
function lossOf({ settings: { alpha, learningRate, method }, untilStep }: SearchRun): number {
  const wrong = method === 'mixed-dimension' ? Math.abs(alpha - 0.2) : 0;
  return 1 / (untilStep ?? 900) + wrong + Math.abs(Math.log(learningRate! / 0.003));
}

describe('a search', () => {
  test('finds what is best in every cell, and trains it with all seeds', async () => {
    const asked: SearchRun[] = [];
    const plan = planSearch(space(5).cells, { seeds: 3 });
    const winners = await search(plan, 3, async (runs) => {
      asked.push(...runs);
      return runs.map(lossOf);
    });
    expect(winners).toHaveLength(6);
    for (const { settings } of winners) {
      expect(settings.learningRate).toBe(0.003);
      if (settings.method === 'mixed-dimension') expect(settings.alpha).toBe(0.2);
      const seedsOf = asked.filter(
        (run) =>
          run.untilStep === null && nameOf(run) === JSON.stringify({ ...settings, seed: run.settings.seed }),
      );
      expect(seedsOf.map((run) => run.settings.seed)).toEqual([1, 2, 3]);
    }
  });

  test('takes a run that diverged for the worst, and equal ones in their order', () => {
    const { candidates } = space(3).cells[0];
    expect(best(candidates, [Number.NaN, 2, 1], 2)).toEqual([candidates[2], candidates[1]]);
    expect(best(candidates, [1, 1, 1], 2)).toEqual([candidates[0], candidates[1]]);
    expect(best(candidates, [Number.NaN, Infinity, Number.NaN], 1)).toEqual([candidates[0]]);
  });
});

describe('a front', () => {
  const points = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 50 }), loss: fc.integer({ min: 1, max: 50 }) }),
  );

  test('holds what no other point beats, and nothing else', () => {
    fc.assert(
      fc.property(points, (all) => {
        const front = frontOf(all);
        for (const point of front)
          expect(all.some(({ size, loss }) => size <= point.size && loss < point.loss)).toBe(false);
        for (const point of all)
          expect(front.some(({ size, loss }) => size <= point.size && loss <= point.loss)).toBe(true);
      }),
    );
  });

  test('has no place for what diverged', () => {
    expect(frontOf([{ size: 1, loss: Number.NaN }])).toEqual([]);
  });
});
