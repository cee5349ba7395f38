import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeScene, linearTicks, logTicks } from '../../../src/app/charts/accuracyScene.ts';
import { exportRuns } from '../../../src/app/store/exportRuns.ts';
import { metricFor, metricTable, readMetric } from '../../../src/app/store/metrics.ts';
import { bestRun, paretoFront, uniformAt } from '../../../src/app/store/runRecord.ts';
import { runColumns, sortRuns } from '../../../src/app/ui/runColumns.ts';
import { makeResult, makeRun, tinyDataset } from './fakeSession.ts';

const auc = metricFor('click', null);
const logLoss = metricFor('click', 'logLoss');

describe('the Pareto front', () => {
  const points = fc.array(
    fc.record({
      id: fc.string(),
      parameters: fc.integer({ min: 1, max: 50 }),
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
              q.parameters <= p.parameters &&
              sign * q.value >= sign * p.value &&
              (q.parameters < p.parameters || sign * q.value > sign * p.value),
          );
        expect(front.some(isBeaten)).toBe(false);
        const unbeaten = new Set(all.filter((p) => !isBeaten(p)).map((p) => `${p.parameters} ${p.value}`));
        expect(new Set(front.map((p) => `${p.parameters} ${p.value}`))).toEqual(unbeaten);
      }),
    );
  });
});

describe('the best run', () => {
  test('follows the metric', () => {
    const runs = [makeRun('low', { auc: 0.6 }), makeRun('high', { auc: 0.8 })];
    expect(bestRun(runs, auc, 'test')?.id).toBe('high');
    expect(bestRun(runs, logLoss, 'test')?.id).toBe('high');
  });

  test('is never one that was interrupted, diverged or not evaluated', () => {
    const runs = [
      makeRun('stopped', { auc: 0.9, reason: 'stopped' }),
      makeRun('diverged', { auc: 0.9, reason: 'diverged' }),
      makeRun('unknown', { metrics: {} }),
      makeRun('done', { auc: 0.6 }),
    ];
    expect(bestRun(runs, auc, 'test')?.id).toBe('done');
  });
});

const runAt = (budget: number, method: 'uniform' | 'mixed-dimension') =>
  makeRun(`${method} ${budget}`, { settings: { ...makeResult().settings, budget, method } });

test('the uniform reference of a budget is a uniform run that was asked the same budget', () => {
  const runs = [runAt(1000, 'mixed-dimension'), runAt(2000, 'uniform'), runAt(1000, 'uniform')];
  expect(uniformAt(runs, 1000, auc, 'test')?.id).toBe('uniform 1000');
  expect(uniformAt(runs, 3000, auc, 'test')).toBeUndefined();
});

describe('the accuracy chart', () => {
  const { ids: _, numbers: __, labels: ___, ...dataset } = tinyDataset();
  const span = [50, 5000] as const;

  test('shows every run inside its axes', () => {
    const runs = [makeRun('a', { parameters: 20, auc: 0.61 }), makeRun('b', { parameters: 9000, auc: 0.74 })];
    const { points, x, y } = composeScene(dataset, runs, null, auc, 'test', span);
    expect(points).toHaveLength(2);
    for (const { parameters, value } of points) {
      expect(parameters).toBeGreaterThan(x[0]);
      expect(parameters).toBeLessThan(x[1]);
      expect(value).toBeGreaterThan(y[0]);
      expect(value).toBeLessThan(y[1]);
    }
  });

  test('shows the best possible of the metric it belongs to, on the test split only', () => {
    const shown = (metric: typeof auc, split: 'test' | 'validation') =>
      composeScene(dataset, [makeRun('a')], null, metric, split, span).bestPossible;
    expect(shown(auc, 'test')).toBe(0.8);
    expect(shown(auc, 'validation')).toBeUndefined();
    expect(shown(logLoss, 'test')).toBeUndefined();
  });

  test('draws the run before once, and at its validation value if it was not tested', () => {
    const ghost = makeRun('g', { metrics: { validation: makeResult().metrics.validation } });
    const { points } = composeScene(dataset, [makeRun('a')], ghost, auc, 'test', span);
    expect(points.map(({ id, isGhost }) => [id, isGhost])).toEqual([
      ['a', false],
      ['g', true],
    ]);
    expect(composeScene(dataset, [ghost], ghost, auc, 'validation', span).points).toHaveLength(1);
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
    expect(readMetric(metrics, id) === undefined).toBe(task === 'rating');
});
