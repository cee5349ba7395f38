import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import type { RunResult, TrainingEvent } from '../../../src/training/events/events.ts';
import { PruneSchedule } from '../../../src/training/loop/pruner.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset } from './tinyDataset.ts';

/** 10 steps an epoch; 60 rows of 8 elements. */
const settings: Settings = {
  ...defaultSettings,
  method: 'prune',
  vectorDim: 8,
  budget: 263,
  batch: 48,
  epochs: 4,
  pruneEpochs: 2,
  evaluateEvery: 5,
  patience: 0,
  learningRate: 0.01,
};
/** 60 rows and 3 fields take 63 words for their starts; an element takes two. */
const KEPT = 100;

async function run(changes: Partial<Settings> = {}, stopAfter = Infinity) {
  const events: TrainingEvent[] = [];
  const stop = new AbortController();
  const dataset = tinyDataset('click');
  const options = { settings: { ...settings, ...changes }, dataset, backend: createCpuBackend() };
  // A slice a step: it can be stopped at any.
  const scheduling = unscheduled(undefined, 1);
  for await (const event of trainRun({ ...options, scheduling, signal: stop.signal })) {
    events.push(event);
    if (event.kind === 'progress' && event.step >= stopAfter) stop.abort();
  }
  const last = events.at(-1)!;
  if (last.kind !== 'finished') throw new Error('the run did not finish');
  return { events, result: last.result };
}

function expectWithinBudget({ allocation, stored }: RunResult): void {
  expect(stored!.parameters).toBe(63 + 2 * stored!.nonZeros!);
  expect(stored!.parameters).toBeLessThanOrEqual(allocation.parameters);
  expect(allocation.parameters).toBeLessThanOrEqual(settings.budget!);
}

describe('the schedule of pruning', () => {
  const anySchedule = fc
    .tuple(fc.integer({ min: 2, max: 1e6 }), fc.nat(1e6), fc.integer({ min: 1, max: 5000 }))
    .map(([elements, keep, endStep]) => ({ elements, keep: keep % elements, endStep }));

  test('removes more and more, 99 % of all before the end, and all at the end', () => {
    fc.assert(
      fc.property(anySchedule, ({ elements, keep, endStep }) => {
        const schedule = new PruneSchedule(elements, keep, endStep);
        let before = elements;
        for (let step = schedule.next(1); step < Infinity; step = schedule.next(step + 1)) {
          const kept = schedule.keptAfter(step);
          expect(kept).toBeLessThanOrEqual(before);
          expect(kept).toBeGreaterThanOrEqual(keep);
          before = kept;
        }
        expect(before).toBe(keep);
        const late = schedule.keptAfter(endStep * (1 - 1e-9));
        expect((elements - late) / (elements - keep)).toBeGreaterThan(0.98 - 1 / (elements - keep));
      }),
    );
  });

  test('takes at most 50 prunings, the last at its end', () => {
    fc.assert(
      fc.property(anySchedule, ({ elements, keep, endStep }) => {
        const schedule = new PruneSchedule(elements, keep, endStep);
        const steps: number[] = [];
        for (let step = schedule.next(1); step < Infinity; step = schedule.next(step + 1)) steps.push(step);
        expect(steps.length).toBeLessThanOrEqual(50);
        expect(steps.at(-1)).toBe(endStep);
      }),
    );
  });
});

describe('a pruned run', () => {
  test('stores what the budget allows, counted in its weights, and trains dense tables', async () => {
    const { events, result } = await run();
    expectWithinBudget(result);
    expect(result.stored!.nonZeros).toBe(KEPT);
    expect(result.allocation).toMatchObject({
      parameters: 263,
      paperParameters: KEPT,
      trainedParameters: 480,
    });
    const [started] = events;
    const tables =
      started.kind === 'started' &&
      started.memory.lines.find(({ role, layer }) => role === 'parameter' && layer === 'embedding');
    expect(tables && tables.sizeBytes).toBe(4 * 480);
    expect(result.otherParameters).toBe((await run({ method: 'full', budget: 480 })).result.otherParameters);
  });

  test('calls no evaluation the best before the budget is met', async () => {
    const { events, result } = await run();
    const best = events.flatMap((event) =>
      event.kind === 'evaluation' && event.split === 'validation' && event.best ? [event.step] : [],
    );
    expect(best[0]).toBe(20);
    expect(result.bestStep).toBeGreaterThanOrEqual(20);
  });

  test('meets the budget too when it is stopped before it would have been pruned', async () => {
    for (const step of [1, 5, 12, 19]) {
      const { result } = await run({}, step);
      expect(result).toMatchObject({ reason: 'stopped', bestStep: step });
      expectWithinBudget(result);
      expect(result.metrics.test).toBeDefined();
    }
  });

  test('trains as the full tables do where the budget is large enough for them', async () => {
    const losses = async (changes: Partial<Settings>) =>
      (await run(changes)).events.flatMap((event) =>
        event.kind === 'progress' ? Array.from(event.losses) : [],
      );
    expect(await losses({ budget: 480 })).toEqual(await losses({ method: 'full', budget: 480 }));
  });

  test('repeats bit for bit, whatever its slices are', async () => {
    const dataset = tinyDataset('click');
    const events: TrainingEvent[] = [];
    for await (const event of trainRun({ settings, dataset, backend: createCpuBackend() }))
      events.push(event);
    const metricsOf = (all: readonly TrainingEvent[]) =>
      all.flatMap((event) => (event.kind === 'evaluation' ? [event.metrics] : []));
    expect(metricsOf(events)).toEqual(metricsOf((await run()).events));
  });
});
