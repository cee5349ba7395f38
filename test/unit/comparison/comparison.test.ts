import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fullModelParameters, parametersOf, parseBudgets } from '../../../src/comparison/askedBudgets.ts';
import {
  type ComparedRun,
  formatSpread,
  formatSummary,
  formatTable,
  spreadOf,
  summarise,
} from '../../../src/comparison/summary.ts';
import { differingSettings, groupSeeds } from '../../../src/comparison/hyperparameters.ts';
import { expandComparison } from '../../../src/comparison/comparisonRuns.ts';
import { methods } from '../../../src/compression/methods.ts';
import { SettingError } from '../../../src/settings/parseSetting.ts';
import { defaultSettings, type MethodId } from '../../../src/settings/settings.ts';

const fields = [
  { name: 'small', cardinality: 40 },
  { name: 'large', cardinality: 960 },
];
const everyMethod = Object.keys(methods) as MethodId[];

describe('asked budgets', () => {
  test('are parameters or shares of the uncompressed model at d = 16', () => {
    const budgets = parseBudgets('10k, 1/4;1/16\n42000');
    expect(budgets.map(({ text }) => text)).toEqual(['10k', '1/4', '1/16', '42000']);
    expect(fullModelParameters(fields)).toBe(16_000);
    expect(budgets.map((budget) => parametersOf(budget, fields))).toEqual([10_000, 4000, 1000, 42_000]);
  });

  test('round a share down, so that the cap is never above it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 1e6 }),
        (parts, cardinality) => {
          const [share] = parseBudgets(`1/${parts}`);
          const parameters = parametersOf(share, [{ cardinality }]);
          expect(parameters).toBe(Number((16n * BigInt(cardinality)) / BigInt(parts)));
        },
      ),
    );
  });

  test.each(['', ' ', '10k,,20k', '3/2', '0/4', '1/0', 'auto', 'much', '3'])(
    'refuse “%s” with a remedy',
    (text) => {
      expect(() => parseBudgets(text)).toThrow(SettingError);
    },
  );
});

describe('the plan of a comparison', () => {
  const plan = (budgets: string, seeds = 2) =>
    expandComparison(
      {
        settings: { ...defaultSettings, seed: 5 },
        methods: everyMethod,
        budgets: parseBudgets(budgets),
        seeds,
      },
      fields,
    );

  test('holds every method at every budget with every seed once, seeds slowest', () => {
    const { runs, unreachable } = plan('8k,1/4', 3);
    const cellCount = everyMethod.length * 2 - unreachable.length;
    expect(runs).toHaveLength(cellCount * 3);
    expect(runs.map(({ settings }) => settings.seed)).toEqual(
      [5, 6, 7].flatMap((seed) => Array.from({ length: cellCount }, () => seed)),
    );
    const cells = runs.map(({ settings: { method, budget, seed } }) => `${method} ${budget} ${seed}`);
    expect(new Set(cells).size).toBe(runs.length);
  });

  test('asks nothing twice, however the budget is written', () => {
    const { runs, unreachable } = plan('4k,4000,1/4', 1);
    expect(runs.length + unreachable.length).toBe(everyMethod.length);
  });

  test('names what cannot be reached, with the range that can, and keeps the rest', () => {
    const settings = { ...defaultSettings };
    const request = { settings, methods: ['uniform'] as const, budgets: parseBudgets('500,2k'), seeds: 2 };
    const { runs, unreachable } = expandComparison(request, fields);
    expect(runs.map((run) => run.settings.budget)).toEqual([2000, 2000]);
    expect(unreachable).toHaveLength(1);
    expect(unreachable[0]).toMatchObject({ method: 'uniform', budget: 500, range: { min: 1000 } });
    expect(unreachable[0].message).toContain('500');
  });

  test('refuses seeds beyond the last one', () => {
    const settings = { ...defaultSettings, seed: 2 ** 32 - 1 };
    const request = { settings, methods: everyMethod, budgets: parseBudgets('8k'), seeds: 2 };
    expect(() => expandComparison(request, fields)).toThrow(SettingError);
  });
});

describe('the spread over seeds', () => {
  test('is the mean and the sample standard deviation', () => {
    const spread = spreadOf([2, 4, 4, 4, 5, 5, 7, 9])!;
    expect(spread).toMatchObject({ count: 8, mean: 5, min: 2, max: 9 });
    expect(spread.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  test('of one value is unknown, not zero, and of none is nothing', () => {
    expect(spreadOf([0.7])).toMatchObject({ mean: 0.7, deviation: null });
    expect(spreadOf([])).toBeNull();
    expect(formatSpread(spreadOf([0.7])!, 3)).toBe('0.700');
    expect(formatSpread(spreadOf([0.6, 0.8])!, 3)).toBe('0.700 ± 0.141');
  });

  test('shifts with the values and does not grow by it', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(values, (numbers) => {
        const near = spreadOf(numbers)!;
        const far = spreadOf(numbers.map((value) => value + 1e6))!;
        expect(far.mean - near.mean).toBeCloseTo(1e6, 4);
        expect(far.deviation).toBeCloseTo(near.deviation!, 4);
      }),
    );
  });
});

const run = (changes: Partial<ComparedRun['settings']>, auc: number, conclusive = true): ComparedRun => ({
  settings: { ...defaultSettings, budget: 1000, ...changes },
  conclusive,
  parameters: 990,
  modelBytes: 4000,
  trainingBytes: 9000,
  msPerStep: 2,
  metrics: conclusive ? { auc } : {},
});

describe('the summary', () => {
  const runs = [
    run({ seed: 1, budget: 2000 }, 0.9),
    run({ seed: 1 }, 0.7),
    run({ seed: 2 }, 0.8),
    run({ seed: 3 }, 0, false),
    run({ seed: 1, method: 'uniform' }, 0.6),
  ];

  test('joins what differs in nothing but the seed', () => {
    expect([...groupSeeds(runs, ({ settings }) => settings).values()].map((group) => group.length)).toEqual([
      1, 3, 1,
    ]);
    expect(differingSettings(runs.map(({ settings }) => settings))).toEqual(['method', 'budget']);
  });

  test('does not tell runs apart by what their method does not read', () => {
    const alphas = (['uniform', 'mixed-dimension'] as const).flatMap((method) =>
      [0.1, 0.5].map((alpha) => run({ method, alpha }, 0.7)),
    );
    const groups = groupSeeds(alphas, ({ settings }) => settings);
    expect([...groups.values()].map((group) => group.length)).toEqual([2, 1, 1]);
    expect(differingSettings(alphas.slice(0, 3).map(({ settings }) => settings))).toEqual(['method']);
  });

  test('goes from small to large budgets and counts what is no evidence apart', () => {
    const rows = summarise(runs, ['auc', 'logLoss']);
    expect(rows.map(({ budget, method }) => [budget, method])).toEqual([
      [1000, 'mixed-dimension'],
      [1000, 'uniform'],
      [2000, 'mixed-dimension'],
    ]);
    expect(rows[0]).toMatchObject({ runs: 3, inconclusive: 1 });
    expect(rows[0].metrics['auc']!.mean).toBeCloseTo(0.75, 12);
    expect(rows[0].metrics['logLoss']).toBeNull();
  });

  test('is a table that Markdown reads: as many cells in every line, numbers to the right', () => {
    const text = formatSummary(
      summarise(runs, ['auc']),
      [{ id: 'auc', label: 'AUC', digits: 3 }],
      'markdown',
    );
    const lines = text.trimEnd().split('\n');
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
    expect(lines[1]).toMatch(/^\| -+ \| -+: \|/);
    expect(lines[2]).toContain('0.750 ± 0.071');
    expect(lines[2]).toContain('2 of 3');
  });
});

test('a table of text keeps its columns under each other', () => {
  const rows = [
    ['name', 'value'],
    ['α', '1'],
    ['mixed dimension', '12,345'],
  ];
  expect(formatTable(rows, 'text', 1)).toBe(
    'name              value\nα                     1\nmixed dimension  12,345\n',
  );
});
