import { describe, expect, test } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import type { Split } from '../../../src/data/dataset.ts';
import type { RunResult, TrainingEvent } from '../../../src/training/events/events.ts';
import { type ClickMetrics, lossOf } from '../../../src/metrics/metrics.ts';
import { type Scheduling, unscheduled } from '../../../src/training/loop/scheduling.ts';
import { REPLACED } from '../../../src/training/loop/run.ts';
import { trainRun, type TrainOptions } from '../../../src/training/train.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';
import { totalBytes } from '../../../src/program/memory.ts';

const clicks = tinyDataset('click');
const ratings = tinyDataset('rating');

interface Outcome {
  readonly events: readonly TrainingEvent[];
  readonly losses: readonly number[];
  readonly evaluations: readonly (readonly [Split, number, number])[];
  readonly result: RunResult;
}

/** `react` sees every event before the next one is asked for. */
async function collect(
  options: Partial<TrainOptions>,
  react: (event: TrainingEvent) => void = () => {},
): Promise<Outcome> {
  const events: TrainingEvent[] = [];
  const backend = new RecordingBackend();
  for await (const event of trainRun({ settings: tinySettings, dataset: clicks, backend, ...options })) {
    events.push(event);
    react(event);
  }
  return summarise(events);
}

function summarise(events: readonly TrainingEvent[]): Outcome {
  const last = events.at(-1);
  if (last?.kind !== 'finished') throw new Error('the run did not finish');
  return {
    events,
    losses: events.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : [])),
    evaluations: events.flatMap((event) =>
      event.kind === 'evaluation' ? [[event.split, event.step, lossOf(event.metrics)] as const] : [],
    ),
    result: last.result,
  };
}

const numbers = ({ losses, evaluations }: Outcome) => ({ losses, evaluations });

describe('a run to its end', () => {
  test('starts, reports every step once and in order, evaluates on time and finishes', async () => {
    const { events, losses, evaluations, result } = await collect({});
    expect(events[0].kind).toBe('started');
    let step = 0;
    for (const event of events) {
      if (event.kind !== 'progress') continue;
      expect(event.firstStep).toBe(step + 1);
      step += event.losses.length;
      expect(event.step).toBe(step);
      expect(event.totalSteps).toBe(40);
    }
    expect(losses).toHaveLength(40);
    const steps = evaluations.filter(([split]) => split === 'validation').map(([, at]) => at);
    expect(steps).toEqual([5, 10, 15, 20, 25, 30, 35, 40]);
    expect(evaluations.slice(-2).map(([split, at]) => [split, at])).toEqual([
      ['train', result.bestStep],
      ['test', result.bestStep],
    ]);
    expect(result).toMatchObject({ reason: 'completed', steps: 40, task: 'click', backend: 'cpu' });
  });

  test.each([
    ['clicks', clicks],
    ['ratings', ratings],
  ])('learns from %s', async (_, dataset) => {
    const { evaluations, losses } = await collect({ dataset, settings: { ...tinySettings, epochs: 20 } });
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]);
    const validation = evaluations.filter(([split]) => split === 'validation').map(([, , loss]) => loss);
    expect(Math.min(...validation)).toBeLessThan(0.95 * validation[0]);
  });

  test('reports what the embedding stores and the rest beside it', async () => {
    const { events, result } = await collect({});
    const [started] = events;
    if (started.kind !== 'started') throw new Error('no start');
    const parameterBytes = started.memory.lines
      .filter(({ role }) => role === 'parameter')
      .reduce((sum, line) => sum + line.sizeBytes, 0);
    expect(4 * (result.allocation.parameters + result.otherParameters)).toBe(parameterBytes);
    expect(result.bytes.parameter).toBe(parameterBytes);
    expect(result.allocation.parameters).toBeLessThanOrEqual(300);
    expect(result.bytes.checkpoint).toBeGreaterThan(0);
    const { checkpoint, scratch } = result.bytes;
    expect(totalBytes(result.bytes) - checkpoint - scratch).toBe(result.peakBytes);
    expect(result.peakBytes).toBeLessThan(result.askedBytes);
    expect(started.memory.lines.reduce((sum, line) => sum + line.sizeBytes, 0)).toBe(result.askedBytes);
  });

  test('says before the first step what it will have allocated in the end', async () => {
    for (const dataset of [clicks, ratings]) {
      const { events, result } = await collect({ dataset });
      const [started] = events;
      expect(started.kind === 'started' && started.memory.bytes).toEqual(result.bytes);
    }
  });

  test('its test metrics are of the weights with the best validation loss', async () => {
    // Without regularisation a large model soon fits 480 examples too well.
    const overfit = { ...tinySettings, budget: 3000, learningRate: 0.05, epochs: 10 };
    const { result } = await collect({ settings: overfit });
    expect(result.bestStep).toBeLessThan(result.steps);
    const shorter = { ...overfit, epochs: Math.ceil(result.bestStep / 10) };
    const until = await collect({ settings: shorter });
    expect(until.result.metrics).toEqual(result.metrics);
    expect(until.result.testIntervals).toEqual(result.testIntervals);
  });

  test('its intervals hold its test metrics', async () => {
    const { result } = await collect({});
    const { auc, logLoss } = result.testIntervals!;
    const test = result.metrics.test as ClickMetrics;
    for (const [{ low, high }, value] of [[auc!, test.auc] as const, [logLoss!, test.logLoss] as const]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });

  test('stops early after as many evaluations without a better one as its patience', async () => {
    const overfit = { ...tinySettings, budget: 3000, learningRate: 0.05, epochs: 50, patience: 3 };
    const { result } = await collect({ settings: overfit });
    expect(result.reason).toBe('early-stopped');
    expect(result.steps).toBe(result.bestStep + 3 * 5);
  });
});

describe('the numbers of a run', () => {
  test('are the same bits for the same seed and others for another', async () => {
    const first = numbers(await collect({}));
    expect(numbers(await collect({}))).toEqual(first);
    expect(numbers(await collect({ settings: { ...tinySettings, seed: 2 } }))).not.toEqual(first);
  });

  test.each([1, 3, 1000])('do not depend on slices of %i steps', async (sliceSteps) => {
    expect(numbers(await collect({ scheduling: unscheduled(undefined, sliceSteps) }))).toEqual(
      numbers(await collect({})),
    );
  });

  test('do not depend on slices that overlap, as on a GPU', async () => {
    expect(numbers(await collect({ backend: new RecordingBackend('webgpu') }))).toEqual(
      numbers(await collect({})),
    );
  });
});

function deferred() {
  const settle: { resolve?: (value: undefined) => void } = {};
  const promise = new Promise<undefined>((resolve) => (settle.resolve = resolve));
  return { promise, resolve: () => settle.resolve!(undefined) };
}

describe('a single step', () => {
  test('is one step and what is due after it', async () => {
    const backend = new RecordingBackend('webgpu');
    let allowed = 0;
    let allow = (): void => {};
    let waits = deferred();
    const scheduling: Scheduling = {
      ...unscheduled(),
      allowedSteps: () => allowed,
      take: (steps) => (allowed -= steps),
      waitForSteps: () =>
        new Promise((resolve) => {
          allow = resolve;
          waits.resolve();
        }),
    };
    const events: TrainingEvent[] = [];
    let kinds: string[] = [];
    const abort = new AbortController();
    const { signal } = abort;
    const run = trainRun({ settings: tinySettings, dataset: clicks, backend, scheduling, signal });
    const taken: string[][] = [];
    await run.next(); // started
    let next = run.next();
    await waits.promise;
    for (let step = 0; step < 6; step++) {
      waits = deferred();
      allowed = 1;
      allow();
      for (;;) {
        const done = await Promise.race([next, waits.promise]);
        if (!done) break;
        if (!done.value) throw new Error('ended too early');
        events.push(done.value);
        kinds.push(done.value.kind);
        next = run.next();
      }
      taken.push(kinds);
      kinds = [];
    }
    abort.abort(REPLACED);
    allow();
    await next;
    await run.return();
    expect(backend.slices).toEqual([1, 1, 1, 1, 1, 1]);
    expect(taken.map((kinds) => kinds.join())).toEqual([
      'progress',
      'progress',
      'progress',
      'progress',
      'progress,evaluation',
      'progress',
    ]);
    expect(backend.liveExecutions).toBe(0);
  });
});

test('gradients with factors show what these keep, with every evaluation in training', async () => {
  const wide = { ...tinySettings, topMlp: '24-12', gradientRank: 2 };
  const { events, evaluations } = await collect({ settings: wide });
  const spectra = events.flatMap((event) => (event.kind === 'gradient-spectra' ? [event] : []));
  const validated = evaluations.filter(([split]) => split === 'validation').map(([, step]) => step);
  expect(spectra.map(({ step }) => step)).toEqual(validated);
  for (const { layers } of spectra) {
    expect(layers.map(({ layer }) => layer)).toContain('top.0');
    for (const { sigma, kept, followed } of layers) {
      expect(sigma).toHaveLength(2);
      expect(sigma[0]).toBeGreaterThanOrEqual(sigma[1]);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(1.0001);
      expect(followed).toBeLessThan(kept + 1e-4);
    }
  }
  const last = spectra.at(-1)!.layers.map(({ kept }) => kept);
  expect(Math.max(...last)).toBeGreaterThan(0.2);
  expect((await collect({})).events.some(({ kind }) => kind === 'gradient-spectra')).toBe(false);
});

describe('a run that is stopped', () => {
  test('is evaluated where it stands', async () => {
    const abort = new AbortController();
    const { result, evaluations } = await collect(
      { signal: abort.signal, scheduling: unscheduled(undefined, 1) },
      (event) => {
        if (event.kind === 'progress' && event.step === 7) abort.abort('stopped');
      },
    );
    expect(result).toMatchObject({ reason: 'stopped', steps: 7 });
    expect(evaluations.map(([split, step]) => `${split} ${step}`)).toEqual([
      'validation 5',
      'validation 7',
      `train ${result.bestStep}`,
      `test ${result.bestStep}`,
    ]);
    expect(result.metrics.test).toBeDefined();
  });

  test('for another to start keeps its last validation and evaluates nothing more', async () => {
    const abort = new AbortController();
    const { result, evaluations } = await collect({ signal: abort.signal }, (event) => {
      if (event.kind === 'evaluation') abort.abort(REPLACED);
    });
    expect(result.reason).toBe('stopped');
    expect(evaluations).toHaveLength(1);
    expect(Object.keys(result.metrics)).toEqual(['validation']);
    expect(result.testIntervals).toBeUndefined();
  });

  test('before it has started tells nothing, and leaves nothing on the device', async () => {
    const backend = new RecordingBackend();
    for (const method of ['uniform', 'lma'] as const) {
      const signal = AbortSignal.abort('stopped');
      const events = trainRun({ settings: { ...tinySettings, method }, dataset: clicks, backend, signal });
      expect(await events.next()).toEqual({ done: true, value: undefined });
    }
    expect([backend.liveExecutions, backend.liveData]).toEqual([0, 0]);
  });
});

describe('a run that diverges', () => {
  const wild = { ...tinySettings, optimizer: 'sgd', learningRate: 1e6 } as const;

  test.each([
    ['clicks', clicks],
    ['ratings', ratings],
  ])('on %s stops at the first bad loss and says so', async (_, dataset) => {
    const { result, losses } = await collect({ dataset, settings: wild });
    expect(result.reason).toBe('diverged');
    expect(result.message).toMatch(/^The loss (is no longer a number|grew to .*) at step \d+\.$/);
    expect(result.steps).toBe(losses.length);
    expect(result.steps).toBeLessThan(10);
  });

  test('keeps the last good evaluation and the weights it was made with', async () => {
    const backend = new RecordingBackend();
    const prepare = backend.prepare.bind(backend);
    backend.prepare = async (program, data, seed) => {
      const execution = await prepare(program, data, seed);
      const run = execution.run.bind(execution);
      // From step 13 on the learning rate is absurd.
      execution.run = (section, steps) =>
        run(
          section,
          steps.map((step) => (step.step < 13 ? step : { ...step, learningRate: 1e30 })),
        );
      return execution;
    };
    const { result } = await collect({ backend, settings: { ...tinySettings, optimizer: 'sgd' } });
    expect(result.reason).toBe('diverged');
    expect([5, 10]).toContain(result.bestStep);
    for (const metrics of Object.values(result.metrics)) expect(lossOf(metrics)).toBeLessThan(1);
    expect(Object.keys(result.metrics).sort()).toEqual(['test', 'train', 'validation']);
  });
});

describe('a device that is lost', () => {
  const lost = new BackendError('lost', 'The graphics device was lost.', 'Start the run again.');

  test('ends the run with its last evaluation, then throws', async () => {
    const backend = new RecordingBackend('webgpu');
    const events: TrainingEvent[] = [];
    const run = async () => {
      for await (const event of trainRun({ settings: tinySettings, dataset: clicks, backend })) {
        events.push(event);
        if (event.kind === 'evaluation') backend.lose(lost);
      }
    };
    await expect(run()).rejects.toBe(lost);
    const { result } = summarise(events);
    expect(result).toMatchObject({ reason: 'failed', message: lost.message });
    expect(result.metrics.validation).toBeDefined();
    expect([backend.liveExecutions, backend.liveData]).toEqual([0, 0]);
  });

  test('before any evaluation only throws', async () => {
    const backend = new RecordingBackend('webgpu');
    backend.lose(lost);
    await expect(collect({ backend })).rejects.toBe(lost);
  });
});

describe('everything a run had is freed', () => {
  test.each<[string, Partial<TrainOptions>, number]>([
    ['when it completes', {}, Infinity],
    ['when nobody wants its events any more', {}, 3],
    ['when it diverges', { settings: { ...tinySettings, optimizer: 'sgd', learningRate: 1e6 } }, Infinity],
  ])('%s', async (_, options, events) => {
    const backend = new RecordingBackend();
    let seen = 0;
    for await (const _ of trainRun({ settings: tinySettings, dataset: clicks, backend, ...options })) {
      if (++seen >= events) break;
    }
    expect([backend.liveExecutions, backend.liveData]).toEqual([0, 0]);
  });
});
