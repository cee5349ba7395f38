import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barEnds, composeAccuracy } from '../../../src/app/accuracy/accuracyData.ts';
import { linearTicks, logTicks } from '../../../src/app/charts/ticks.ts';
import { exportRuns } from '../../../src/app/runs/exportRuns.ts';
import { estimateSeconds } from '../../../src/app/compare/queueProgress.ts';
import { seedGroups, summariseRuns } from '../../../src/app/runs/seedGroups.ts';
import { metricFor, metricTable, readMetric } from '../../../src/app/accuracy/metrics.ts';
import { bestRun, paretoFront, uniformAt } from '../../../src/app/runs/runRecord.ts';
import { runSizes } from '../../../src/app/runs/runSize.ts';
import { runColumns, sortRuns } from '../../../src/app/runs/runColumns.ts';
import { makeResult, makeRun, tinyDataset } from './fakeSession.ts';

const auc = metricFor('click', null);
const logLoss = metricFor('click', 'logLoss');

describe('the Pareto front', () => {
  const points = fc.array(
    fc.record({
      id: fc.string(),
      size: fc.integer({ min: 1, max: 50 }),
      value: fc.integer({ min: 0, max: 50 }),
    }),
  );

  test('holds exactly the points that no other beats, for metrics where high or low is good', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(auc, logLoss), (all, metric) => {
        const sign = metric.better === 'higher' ? 1 : -1;
        const front = paretoFront(all, metric);
        const isBeaten = (p: (typeof all)[number]): boolean =>
          all.some(
            (q) =>
              q.size <= p.size &&
              sign * q.value >= sign * p.value &&
              (q.size < p.size || sign * q.value > sign * p.value),
          );
        expect(front.some(isBeaten)).toBe(false);
        const unbeaten = new Set(all.filter((p) => !isBeaten(p)).map((p) => `${p.size} ${p.value}`));
        expect(new Set(front.map((p) => `${p.size} ${p.value}`))).toEqual(unbeaten);
      }),
    );
  });
});

describe('the best run', () => {
  test('follows the metric', () => {
    const runs = [makeRun('low', { auc: 0.6 }), makeRun('high', { auc: 0.8 })];
    expect(bestRun(runs, auc)?.id).toBe('high');
    expect(bestRun(runs, logLoss)?.id).toBe('high');
  });

  test('is never one that was interrupted, diverged or not evaluated', () => {
    const runs = [
      makeRun('stopped', { auc: 0.9, reason: 'stopped' }),
      makeRun('diverged', { auc: 0.9, reason: 'diverged' }),
      makeRun('unknown', { metrics: {} }),
      makeRun('done', { auc: 0.6 }),
    ];
    expect(bestRun(runs, auc)?.id).toBe('done');
  });
});

const seed = (id: string, number: number, auc: number, reason: 'completed' | 'stopped' = 'completed') =>
  makeRun(id, { auc, reason, settings: { ...makeResult().settings, seed: number } });

describe('runs that differ in the seed alone', () => {
  const runs = [seed('a', 1, 0.7), seed('b', 2, 0.8), seed('c', 3, 0.2, 'stopped')];

  test('have a mean and a deviation, what was interrupted aside', () => {
    const [group] = seedGroups(runs, auc, 'test', runSizes.parameters);
    expect(group.ids).toEqual(['a', 'b']);
    expect(group.spread.mean).toBeCloseTo(0.75, 12);
    expect(group.spread.deviation).toBeCloseTo(0.1 / Math.SQRT2, 12);
    expect(seedGroups([runs[0], runs[2]], auc, 'test', runSizes.parameters)).toEqual([]);
  });

  test('are one row of the summary, which counts them all', () => {
    const [row] = summariseRuns(runs, [auc], 'test');
    expect(row.ids).toEqual(['a', 'b', 'c']);
    expect(row.summary).toMatchObject({ runs: 3, inconclusive: 1 });
  });

  test('are named by the settings that set them apart', () => {
    const other = makeRun('d', { settings: { ...makeResult().settings, alpha: 0.5 } });
    const names = summariseRuns([...runs, other], [auc], 'test').map(({ name }) => name);
    expect(names).toEqual(['Mixed dimension, Temperature α 0.3', 'Mixed dimension, Temperature α 0.5']);
  });

  test('are a line of the Markdown table', () => {
    const lines = exportRuns(runs, 'markdown').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('0.7500 ± 0.0707');
    expect(lines[0]).toContain('Log loss');
  });
});

describe('the time that runs will take', () => {
  const took = (id: string, method: 'uniform' | 'mixed-dimension', seconds: number) =>
    makeRun(id, { seconds, settings: { ...makeResult().settings, method } });
  const ask = (...methods: readonly ('uniform' | 'mixed-dimension')[]) =>
    methods.map((method) => ({ settings: { ...makeResult().settings, method } }));

  test('is what the same method took, or all took', () => {
    const runs = [took('a', 'uniform', 2), took('b', 'uniform', 4)];
    expect(estimateSeconds(ask('uniform', 'uniform'), runs)).toBe(6);
    expect(estimateSeconds(ask('mixed-dimension'), runs)).toBe(3);
    expect(estimateSeconds(ask('mixed-dimension'), [...runs, took('c', 'mixed-dimension', 9)])).toBe(9);
  });

  test('is unknown before a run has ended', () => {
    expect(estimateSeconds(ask('uniform'), [])).toBeNull();
    expect(estimateSeconds(ask('uniform'), [makeRun('a', { reason: 'stopped' })])).toBeNull();
  });
});

const runAt = (budget: number, method: 'uniform' | 'mixed-dimension') =>
  makeRun(`${method} ${budget}`, { settings: { ...makeResult().settings, budget, method } });

test('the uniform reference of a budget is a uniform run that was asked the same budget', () => {
  const runs = [runAt(1000, 'mixed-dimension'), runAt(2000, 'uniform'), runAt(1000, 'uniform')];
  expect(uniformAt(runs, 1000).map(({ id }) => id)).toEqual(['uniform 1000']);
  expect(uniformAt(runs, 3000)).toEqual([]);
});

describe('the accuracy chart', () => {
  const { ids: _, numbers: __, labels: ___, ...dataset } = tinyDataset();
  const span = [50, 5000] as const;

  test('shows every run inside its axes', () => {
    const runs = [makeRun('a', { parameters: 20, auc: 0.61 }), makeRun('b', { parameters: 9000, auc: 0.74 })];
    const { points, x, y } = composeAccuracy(dataset, runs, null, auc, 'test', runSizes.parameters, span);
    expect(points).toHaveLength(2);
    for (const { size, value } of points) {
      expect(size).toBeGreaterThan(x[0]);
      expect(size).toBeLessThan(x[1]);
      expect(value).toBeGreaterThan(y[0]);
      expect(value).toBeLessThan(y[1]);
    }
  });

  test('shows the best possible of the metric it belongs to, on the test split only', () => {
    const shown = (metric: typeof auc, split: 'test' | 'validation') =>
      composeAccuracy(dataset, [makeRun('a')], null, metric, split, runSizes.parameters, span).bestPossible;
    expect(shown(auc, 'test')).toBe(0.8);
    expect(shown(auc, 'validation')).toBeUndefined();
    expect(shown(logLoss, 'test')).toBeUndefined();
  });

  test('draws the run before once, and at its validation value if it was not tested', () => {
    const previousRun = makeRun('g', { metrics: { validation: makeResult().metrics.validation } });
    const { points } = composeAccuracy(
      dataset,
      [makeRun('a')],
      previousRun,
      auc,
      'test',
      runSizes.parameters,
      span,
    );
    expect(points.map(({ id, isPrevious }) => [id, isPrevious])).toEqual([
      ['a', false],
      ['g', true],
    ]);
    expect(
      composeAccuracy(dataset, [previousRun], previousRun, auc, 'validation', runSizes.parameters, span)
        .points,
    ).toHaveLength(1);
  });

  test('draws several seeds as one mean with its bar inside the axes', () => {
    const other = makeRun('u', { auc: 0.74, settings: { ...makeResult().settings, alpha: 0.5 } });
    const runs = [seed('a', 1, 0.7), seed('b', 2, 0.8), other];
    const { points, groups, y } = composeAccuracy(
      dataset,
      runs,
      null,
      auc,
      'test',
      runSizes.parameters,
      span,
    );
    expect(groups).toHaveLength(1);
    expect(points.filter(({ isSeed }) => isSeed).map(({ id }) => id)).toEqual(['a', 'b']);
    for (const end of barEnds(groups[0].spread)) {
      expect(end).toBeGreaterThan(y[0]);
      expect(end).toBeLessThan(y[1]);
    }
  });

  test('has ticks inside any interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.double({ min: 1.5, max: 1e5, noNaN: true }),
        (low, ratio) => {
          const ends = [low, low * ratio] as const;
          for (const tick of [...logTicks(ends), ...linearTicks(ends)]) {
            expect(tick).toBeGreaterThanOrEqual(low * 0.999999);
            expect(tick).toBeLessThanOrEqual(ends[1] * 1.000001);
          }
          expect(linearTicks(ends).length).toBeGreaterThan(0);
          expect(linearTicks(ends).length).toBeLessThanOrEqual(11);
        },
      ),
    );
  });
});

describe('the table of runs', () => {
  const runs = [
    makeRun('a', { auc: 0.7, parameters: 10 }),
    makeRun('b', { metrics: {} }),
    makeRun('c', { auc: 0.8 }),
  ];
  const columns = runColumns(auc, 'test');

  const order = (descending: boolean) =>
    sortRuns(runs, columns, { column: 'auc', descending }).map(({ id }) => id);

  test('sorts by any column, runs without a value last', () => {
    expect(order(true)).toEqual(['c', 'a', 'b']);
    expect(order(false)).toEqual(['a', 'c', 'b']);
  });

  test('has a column for every setting in which runs differ', () => {
    const columns = runColumns(auc, 'test', ['method', 'learningRate']);
    const added = columns.filter(({ id }) => id.startsWith('setting '));
    expect(added.map(({ label }) => label)).toEqual(['Learning rate']);
    expect(added[0].format(makeRun('a'))).toBe('0.001');
  });
});

describe('exported runs', () => {
  test('are JSON with every setting, metric and dim', () => {
    const [run] = JSON.parse(exportRuns([makeRun('a')], 'json'));
    expect(run).toMatchObject({ name: 'Run a', settings: { alpha: 0.3 }, allocation: { dims: [8, 4] } });
    expect(run.metrics.test.auc).toBe(0.7);
  });

  test('are CSV with one line a run, quoted where a name needs it', () => {
    const text = exportRuns(
      [makeRun('a', { name: 'α, "best"' }), makeRun('b', { name: '=1+1', adapter: 'CPU' })],
      'csv',
    );
    const [head, first, second] = text.trimEnd().split('\n');
    expect(head.split(',')).toContain('test.auc');
    expect(first.startsWith('"α, ""best""",')).toBe(true);
    expect(second.startsWith("'=1+1,")).toBe(true);
    expect(second.split(',')).toHaveLength(head.split(',').length);
  });
});

test('every metric of the table is read from metrics, and others are absent, not zero', () => {
  const { test: metrics } = makeResult().metrics;
  for (const { id, task } of metricTable)
    expect(readMetric(metrics, id) === undefined).toBe(task !== 'click');
});
