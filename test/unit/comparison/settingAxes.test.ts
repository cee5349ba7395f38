import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBudgets } from '../../../src/comparison/askedBudgets.ts';
import { expandComparison } from '../../../src/comparison/comparisonRuns.ts';
import { withOwnHyperparameters } from '../../../src/comparison/hyperparameters.ts';
import { axisNames, parseAxis, separatorOf, spanAxes } from '../../../src/comparison/settingAxes.ts';
import { formatSetting, SettingError } from '../../../src/settings/parseSetting.ts';
import { defaultSettings, type MethodId, settingTable } from '../../../src/settings/settings.ts';

const fields = [
  { name: 'small', cardinality: 40 },
  { name: 'large', cardinality: 960 },
];

describe('an axis', () => {
  test('is every setting but method, budget, seed and backend', () => {
    expect([...axisNames, 'method', 'budget', 'seed', 'backend'].toSorted()).toEqual(
      Object.keys(settingTable).toSorted(),
    );
  });

  test('is read as its setting is, once a value', () => {
    expect(parseAxis('learningRate', '0.01, auto,0.010').values).toEqual([0.01, null]);
    expect(parseAxis('topMlp', '64-32,,128').values).toEqual(['64-32', '', '128']);
    expect(parseAxis('fieldMethods', 'C3=full,C9=hashing;').values).toEqual(['C3=full,C9=hashing', '']);
    expect(() => parseAxis('alpha', '0.1,2')).toThrow(SettingError);
  });

  test('of any setting reads the default back', () => {
    for (const name of axisNames)
      expect(parseAxis(name, formatSetting(defaultSettings[name])).values).toEqual([defaultSettings[name]]);
  });

  test('with others spans every combination once, in a fixed order', () => {
    const alphas = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 });
    const batches = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(alphas, batches, (hundredths, sizes) => {
        const axes = [
          parseAxis('alpha', hundredths.map((value) => value / 100).join(separatorOf('alpha'))),
          parseAxis('batch', sizes.join(separatorOf('batch'))),
        ];
        const spanned = spanAxes(defaultSettings, axes).map(({ alpha, batch }) => [alpha, batch]);
        expect(spanned).toEqual(hundredths.flatMap((alpha) => sizes.map((batch) => [alpha / 100, batch])));
      }),
    );
  });
});

describe('a comparison over settings', () => {
  const expand = (
    methods: readonly MethodId[],
    axes: readonly (readonly [(typeof axisNames)[number], string])[],
  ) =>
    expandComparison(
      {
        settings: defaultSettings,
        methods,
        budgets: parseBudgets('8k'),
        axes: axes.map(([name, text]) => parseAxis(name, text)),
        seeds: 2,
      },
      fields,
    ).runs.map(({ settings }) => settings);

  test('trains a method once where it does not read the setting', () => {
    const runs = expand(['uniform', 'mixed-dimension'], [['alpha', '0,0.2,0.4']]);
    expect(runs.filter(({ method }) => method === 'uniform')).toHaveLength(2);
    expect(runs.filter(({ method }) => method === 'mixed-dimension')).toHaveLength(6);
  });

  test('trains spectral dims once for all α, which they do not read', () => {
    const runs = expand(
      ['mixed-dimension'],
      [
        ['allocation', 'popularity,spectral'],
        ['alpha', '0,0.2'],
      ],
    );
    expect(runs.map(({ allocation, alpha, seed }) => `${allocation} ${alpha} ${seed}`)).toEqual([
      'popularity 0 1',
      'popularity 0.2 1',
      'spectral 0.3 1',
      'popularity 0 2',
      'popularity 0.2 2',
      'spectral 0.3 2',
    ]);
  });

  test('keeps a setting that only the method of one field reads', () => {
    const settings = { ...defaultSettings, method: 'uniform' as const, fieldMethods: 'large=hashing' };
    expect(withOwnHyperparameters({ ...settings, collisions: 4 }).collisions).toBe(4);
    expect(withOwnHyperparameters({ ...settings, rank: 4 }).rank).toBeNull();
  });

  test('of no axes is that of methods, budgets and seeds', () => {
    expect(expand(['uniform'], [])).toEqual(
      [1, 2].map((seed) => Object.assign({}, defaultSettings, { method: 'uniform', budget: 8000, seed })),
    );
  });
});
