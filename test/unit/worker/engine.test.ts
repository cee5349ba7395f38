import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Backend, BackendError } from '../../../src/backend/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { bytesBesideData } from '../../../src/program/memory.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import type { RunResult, TrainingEvent } from '../../../src/training/events/events.ts';
import { NamePacker } from '../../../src/data/dataset.ts';
import { openRun } from '../../../src/training/weights/runFile.ts';
import { Engine } from '../../../src/worker/engine.ts';
import type { CheckpointFiles } from '../../../src/worker/checkpoints.ts';
import type { BackendStatus, EngineReply, EngineRequest } from '../../../src/worker/protocol.ts';
import { memoryCheckpoints } from '../../support/memoryCheckpoints.ts';
import { RecordingBackend } from '../training/recordingBackend.ts';
import { tinyDataset } from '../training/tinyDataset.ts';

/** 10 steps an epoch. */
const settings: Settings = {
  ...defaultSettings,
  budget: 300,
  batch: 48,
  epochs: 4,
  evaluateEvery: 10,
  patience: 0,
};
const long: Settings = { ...settings, epochs: 1000 };
const noGpu = new BackendError('no-adapter', 'There is no adapter.', 'Use the CPU.');

type RunOptions = Partial<Omit<Extract<EngineRequest, { type: 'run' }>, 'type'>>;

/** Turns of the event loop without a sign of life after which an engine counts as at rest. */
const QUIET_TURNS = 20;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An engine with its replies, and ways to wait for them. */
class Bench {
  readonly replies: EngineReply[] = [];
  readonly gpus: RecordingBackend[] = [];
  readonly engine: Engine;
  #wake: () => void = () => {};
  #yields = 0;

  constructor(
    openGpu: (allowSoftware: boolean) => Promise<Backend> = () => Promise.reject(noGpu),
    dataset: Dataset | null = tinyDataset('click'),
    checkpoints: CheckpointFiles = memoryCheckpoints(),
  ) {
    this.engine = new Engine({
      post: (reply) => {
        this.replies.push(reply);
        this.#wake();
      },
      yieldThread: () => {
        this.#yields++;
        return turn();
      },
      cpu: () => new RecordingBackend(),
      webgpu: openGpu,
      checkpoints,
      checkpointMs: 0,
    });
    if (dataset) this.engine.handle({ type: 'dataset', dataset });
  }

  /** Resolves when nothing goes on any more: a run, a measurement or an estimate posts or yields at every turn. */
  async rest(): Promise<void> {
    let seen = this.activity;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn();
      if (this.activity !== seen) quiet = -1;
      seen = this.activity;
    }
  }

  /** How often the engine posted or yielded. */
  get activity(): number {
    return this.replies.length + this.#yields;
  }

  run(options: RunOptions = {}): void {
    this.engine.handle({ type: 'run', runId: 'a', settings, note: '', ...options });
  }

  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  finished(runId: string): Promise<RunResult> {
    return this.until(() => {
      const last = this.events(runId).at(-1);
      return last?.kind === 'finished' ? last.result : undefined;
    });
  }

  /** Resolves when the run has taken `steps` steps, as far as has been posted. */
  reached(runId: string, steps: number): Promise<true> {
    return this.until(() => this.stepsOf(runId) >= steps || undefined);
  }

  events(runId: string): TrainingEvent[] {
    return this.replies.flatMap((reply) =>
      reply.type === 'event' && reply.runId === runId ? [reply.event] : [],
    );
  }

  stepsOf(runId: string): number {
    return Math.max(0, ...this.events(runId).map((event) => (event.kind === 'progress' ? event.step : 0)));
  }

  get statuses(): BackendStatus[] {
    return this.replies.flatMap((reply) => (reply.type === 'backend' ? [reply.status] : []));
  }

  get pauses(): boolean[] {
    return this.replies.flatMap((reply) => (reply.type === 'paused' ? [reply.paused] : []));
  }
}

describe('memory', () => {
  const planOf = (bench: Bench, request: number, asked: Settings = settings) => {
    bench.engine.handle({ type: 'plan-memory', request, settings: asked, changes: [] });
    return bench.until(() =>
      bench.replies.find(
        (reply) =>
          (reply.type === 'memory-plan' || reply.type === 'no-memory-plan') && reply.request === request,
      ),
    );
  };

  test('is planned without allocating anything, and is what the run then takes', async () => {
    const bench = new Bench();
    const reply = await planOf(bench, 1);
    expect(bench.statuses).toHaveLength(1);
    bench.run();
    const { bytes } = await bench.finished('a');
    expect(reply).toMatchObject({ type: 'memory-plan', plan: { memory: { bytes } } });
  });

  test('is planned while a run goes on', async () => {
    const bench = new Bench();
    bench.run({ settings: long });
    await bench.reached('a', 1);
    expect(await planOf(bench, 1)).toMatchObject({ type: 'memory-plan' });
    const reached = bench.stepsOf('a');
    await bench.reached('a', reached + 1);
    bench.engine.handle({ type: 'cancel' });
    await bench.finished('a');
  });

  test('is told for every change that is offered, without the limit, of the last request alone', async () => {
    const bench = new Bench();
    const changes = [{ batch: 48 }, { batch: 24 }, { model: 'mf' as const }];
    const asked = { ...settings, trainMemory: 0.15 };
    for (const request of [1, 2])
      bench.engine.handle({ type: 'plan-memory', request, settings: asked, changes });
    const { totals } = await bench.until(() =>
      bench.replies.find((reply) => reply.type === 'memory-changes'),
    );
    bench.run();
    const { bytes } = await bench.finished('a');
    expect(totals[0]).toBe(bytesBesideData(bytes));
    expect(totals[1]).toBeLessThan(totals[0]!);
    expect(totals[2]).toBeNull();
    expect(bench.replies.filter((reply) => reply.type === 'memory-changes')).toHaveLength(1);
  });

  test('cannot be planned for a run that cannot start, and says why', async () => {
    const bench = new Bench();
    const reply = await planOf(bench, 1, { ...settings, model: 'mf' });
    expect(reply).toMatchObject({ type: 'no-memory-plan', failure: { name: 'TrainingError' } });
  });
});

describe('runs', () => {
  test('are trained one after the other', async () => {
    const bench = new Bench();
    for (const runId of ['a', 'b']) {
      bench.run({ runId });
      expect(await bench.finished(runId)).toMatchObject({ reason: 'completed', steps: 40 });
    }
  });

  test('replace the one in progress', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.run({ runId: 'b' });
    const [a, b] = [await bench.finished('a'), await bench.finished('b')];
    expect(a.reason).toBe('stopped');
    expect(a.metrics.test).toBeUndefined();
    expect(b.reason).toBe('completed');
  });

  test('asked for while another makes room leave the last one', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.run({ runId: 'b' });
    bench.run({ runId: 'c' });
    expect((await bench.finished('c')).reason).toBe('completed');
    await bench.rest();
    expect(bench.events('b')).toEqual([]);
  });

  test('can be cancelled, paused or not, and are not tested then', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.engine.handle({ type: 'pause' });
    bench.engine.handle({ type: 'cancel' });
    const { reason, metrics } = await bench.finished('a');
    expect(reason).toBe('stopped');
    expect(metrics.test).toBeUndefined();
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).reason).toBe('completed');
  });

  test('that cannot start say why, and the next one does', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: { ...settings, model: 'mf' } });
    await bench.until(() => bench.replies.find((reply) => reply.type === 'failed'));
    bench.run({ runId: 'b' });
    await bench.finished('b');
    const failed = bench.replies.find((reply) => reply.type === 'failed');
    expect(failed).toMatchObject({ runId: 'a', failure: { name: 'TrainingError', remedy: 'Choose DLRM.' } });
  });

  test('end when the data set is replaced', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.engine.handle({ type: 'dataset', dataset: tinyDataset('rating') });
    bench.run({ runId: 'c' });
    expect((await bench.finished('a')).reason).toBe('stopped');
    expect((await bench.finished('c')).task).toBe('rating');
  });

  test('without a data set fail with a message', async () => {
    const bench = new Bench(undefined, null);
    bench.run();
    const failed = await bench.until(() => bench.replies.find((reply) => reply.type === 'failed'));
    expect(failed).toMatchObject({
      runId: 'a',
      failure: { message: expect.stringContaining('no data set') },
    });
    await bench.rest();
    expect(bench.replies.at(-1)).toBe(failed);
  });
});

describe('spectra', () => {
  /** Dims of 1: the largest field is long enough to be sketched. */
  const narrow: Settings = { ...long, method: 'uniform', budget: 70 };
  const monitor = (bench: Bench, field: number | null) =>
    bench.engine.handle({ type: 'monitor-spectrum', query: field === null ? null : { field, exact: false } });
  const snapshotsOf = (bench: Bench) =>
    bench.replies.flatMap((reply) => (reply.type === 'spectrum' ? [reply.snapshot] : []));
  const snapshots = (bench: Bench, count: number) =>
    bench.until(() => (snapshotsOf(bench).length >= count ? snapshotsOf(bench) : undefined));

  test('of the monitored field come while a run trains, and of its best weights', async () => {
    const gpu = new RecordingBackend('webgpu');
    const bench = new Bench(() => Promise.resolve(gpu));
    monitor(bench, 2);
    bench.run({ settings: narrow });
    const [first] = await snapshots(bench, 1);
    expect(first).toMatchObject({ field: 2, isBest: false, report: { field: 'field 2', dims: [1] } });
    expect(first.step).toBeGreaterThan(0);
    expect(gpu.liveAttachments).toBe(2);
    monitor(bench, 0);
    const [, second] = await snapshots(bench, 2);
    expect(second).toMatchObject({ field: 0, report: { typicalError: 0 } });
    bench.engine.handle({ type: 'stop' });
    const { bestStep } = await bench.finished('a');
    const [last] = snapshotsOf(bench).slice(-1);
    expect([last.field, last.step, last.isBest]).toEqual([0, bestStep, true]);
    await bench.rest();
    expect([gpu.liveAttachments, gpu.liveExecutions]).toEqual([0, 0]);
  });

  test('are closed before a resize, and opened again in what follows', async () => {
    const gpu = new RecordingBackend('webgpu');
    const bench = new Bench(() => Promise.resolve(gpu));
    monitor(bench, 2);
    bench.run({ settings: narrow });
    await snapshots(bench, 1);
    bench.engine.handle({ type: 'change-size', runId: 'a', change: { kind: 'resize', budget: 300 } });
    const [before, after] = await snapshots(bench, 2);
    expect(before.report!.dims[0]).toBeLessThan(after.report!.dims[0]);
    bench.engine.handle({ type: 'change-size', runId: 'a', change: { kind: 'undo' } });
    expect((await snapshots(bench, 3))[2].report!.dims).toEqual(before.report!.dims);
    bench.engine.handle({ type: 'cancel' });
    await bench.finished('a');
    await bench.rest();
    expect([gpu.liveAttachments, gpu.liveExecutions]).toEqual([0, 0]);
  });

  test('come from a paused run, change no number, and do not come when no field is monitored', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a' });
    const { metrics } = await bench.finished('a');
    expect(snapshotsOf(bench)).toEqual([]);
    bench.run({ runId: 'b' });
    bench.engine.handle({ type: 'step' });
    await bench.reached('b', 1);
    await bench.rest();
    monitor(bench, 1);
    const [only] = await snapshots(bench, 1);
    expect([only.field, only.step]).toEqual([1, 1]);
    monitor(bench, null);
    bench.engine.handle({ type: 'resume' });
    expect((await bench.finished('b')).metrics).toEqual(metrics);
    expect(snapshotsOf(bench)).toHaveLength(1);
    monitor(bench, 1);
    bench.run({ runId: 'c' });
    expect((await bench.finished('c')).metrics).toEqual(metrics);
  });
});

describe('models', () => {
  const compression = { by: 'truncate', budgets: [200], fineTuneSteps: 60 } as const;
  const fileOf = async (bench: Bench, runId: string): Promise<Blob> => {
    await bench.finished(runId);
    const last = bench.replies.findLast((reply) => reply.type === 'event' && reply.runId === runId);
    if (last?.type !== 'event' || !last.file) throw new Error('there is no model');
    return last.file;
  };
  const compress = (bench: Bench, file: Blob, options: object = {}): void =>
    bench.engine.handle({ type: 'compress', runId: 'c', file, backend: null, compression, ...options });
  const ended = (bench: Bench): Promise<EngineReply> =>
    bench.until(() => bench.replies.find((reply) => reply.type === 'compression-ended'));

  test('come with the end of a run, and smaller ones are made of them', async () => {
    const bench = new Bench();
    bench.run();
    compress(bench, await fileOf(bench, 'a'));
    await ended(bench);
    const made = bench.replies.flatMap((reply) =>
      reply.type === 'event' && reply.event.kind === 'compressed' ? [reply] : [],
    );
    expect(made.map(({ event }) => event.kind === 'compressed' && event.result.compressed.steps)).toEqual([
      0, 60,
    ]);
    for (const { file } of made)
      expect((await openRun(file!)).run.allocation.parameters).toBeLessThanOrEqual(200);
    expect(bench.stepsOf('c')).toBe(60);
  });

  test('come without the names of values, which would take the room of other models', async () => {
    const bench = new Bench();
    const dataset = tinyDataset('click');
    const fields = dataset.fields.map((field) => {
      const names = new NamePacker(field.cardinality);
      for (let id = 0; id < field.cardinality; id++) names.add(`value ${id}`);
      return { ...field, names: names.pack() };
    });
    bench.engine.handle({ type: 'dataset', dataset: { ...dataset, fields } });
    bench.run();
    const saved = await openRun(await fileOf(bench, 'a'));
    expect(await saved.vocabulary(0)).toBeUndefined();
    expect(saved.run.data.encoding?.rareIds).toEqual([6, 12, 39]);
  });

  test('are measured, by sketches and exactly, while another one trains; the last request counts', async () => {
    const bench = new Bench();
    bench.run({ settings: { ...settings, method: 'uniform', budget: 70 } });
    const model = { file: await fileOf(bench, 'a'), step: 7 };
    bench.run({ runId: 'b', settings: long });
    await bench.reached('b', 1);
    const measure = (field: number, exact: boolean): void =>
      bench.engine.handle({ type: 'measure-saved', runId: 'a', model, query: { field, exact } });
    const shown = () => bench.replies.flatMap((reply) => (reply.type === 'spectrum' ? [reply] : []));
    measure(0, false);
    measure(2, false);
    const [sketched] = await bench.until(() => (shown().length > 0 ? shown() : undefined));
    measure(2, true);
    const [, exact] = await bench.until(() => (shown().length > 1 ? shown() : undefined));
    bench.engine.handle({ type: 'stop' });
    await bench.finished('b');
    expect(shown()).toHaveLength(2);
    expect(sketched).toMatchObject({
      runId: 'a',
      snapshot: { field: 2, step: 7, isBest: true, problem: null },
    });
    const [about, exactly] = [sketched.snapshot.report!, exact.snapshot.report!];
    expect([about.dims, exactly.dims, exactly.typicalError]).toEqual([[1], [1], 0]);
    expect(about.typicalError).toBeGreaterThan(0);
    const ratio = about.singularValues[0] / exactly.singularValues[0];
    expect(Math.abs(ratio - 1)).toBeLessThan(about.distortion);
  });

  test('that cannot be measured say why', async () => {
    const bench = new Bench();
    bench.run();
    const file = await fileOf(bench, 'a');
    const measure = (own: Blob): void =>
      bench.engine.handle({
        type: 'measure-saved',
        runId: 'a',
        model: { file: own, step: 7 },
        query: { field: 0, exact: true },
      });
    const problem = (count: number) =>
      bench.until(() => {
        const shown = bench.replies.flatMap((reply) => (reply.type === 'spectrum' ? [reply.snapshot] : []));
        return shown.length === count ? shown.at(-1)!.problem : undefined;
      });
    measure(new Blob(['no model at all, but long enough']));
    expect(await problem(1)).toMatch(/tensors|safetensors/);
    bench.engine.handle({ type: 'dataset', dataset: tinyDataset('rating') });
    measure(file);
    expect(await problem(2)).toContain('whose fields are others. Open the data');
  });

  test('of runs that were replaced do not come', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.run({ runId: 'b' });
    await bench.finished('a');
    const last = bench.replies.findLast((reply) => reply.type === 'event' && reply.runId === 'a');
    expect(last).not.toHaveProperty('file', expect.anything());
    await bench.finished('b');
  });

  test('are compressed in the place of a run: paused, stopped, replaced by the next', async () => {
    const bench = new Bench();
    bench.run();
    const file = await fileOf(bench, 'a');
    compress(bench, file, { compression: { ...compression, fineTuneSteps: 1_000_000 } });
    await bench.reached('c', 1);
    bench.engine.handle({ type: 'pause' });
    await bench.rest();
    const [at, activity] = [bench.stepsOf('c'), bench.activity];
    await bench.rest();
    expect([bench.stepsOf('c'), bench.activity]).toEqual([at, activity]);
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).reason).toBe('completed');
    await ended(bench);
    expect(bench.events('c').filter(({ kind }) => kind === 'compressed')).toHaveLength(1);
  });

  test('that cannot be compressed as asked say why', async () => {
    const bench = new Bench();
    bench.run();
    const file = await fileOf(bench, 'a');
    compress(bench, file, { compression: { ...compression, budgets: [20] } });
    const failed = await bench.until(() => bench.replies.find((reply) => reply.type === 'failed'));
    expect(failed).toMatchObject({ runId: 'c', failure: { name: 'BudgetTooSmallError' } });
    bench.engine.handle({ type: 'dataset', dataset: tinyDataset('rating') });
    compress(bench, file, { runId: 'd' });
    const other = await bench.until(() =>
      bench.replies.find((reply) => reply.type === 'failed' && reply.runId === 'd'),
    );
    expect(other).toMatchObject({ failure: { name: 'TrainingError' } });
  });

  test('that are damaged anywhere are neither measured nor compressed, and say so', async () => {
    const bench = new Bench();
    bench.run();
    const bytes = await (await fileOf(bench, 'a')).bytes();
    const damaged = [bytes.length - 1, bytes.length >> 1, 500, 20, 3].map(
      (at) => new Blob([bytes.with(at, bytes[at] ^ 4)]),
    );
    damaged.push(new Blob([bytes.subarray(0, -100)]), new Blob([]));
    for (const [i, file] of damaged.entries()) {
      compress(bench, file, { runId: `c${i}` });
      const failed = await bench.until(() =>
        bench.replies.find((reply) => reply.type === 'failed' && reply.runId === `c${i}`),
      );
      expect(failed).toMatchObject({ failure: { name: 'TrainingError' } });
      const { message, remedy } = (failed as Extract<EngineReply, { type: 'failed' }>).failure;
      expect(message).toMatch(/damaged|missing|no safetensors/);
      expect(remedy).not.toContain('copy the diagnostics');
    }
    bench.engine.handle({
      type: 'measure-saved',
      runId: 'a',
      model: { file: damaged[3], step: 7 },
      query: { field: 0, exact: true },
    });
    const shown = await bench.until(() => bench.replies.find((reply) => reply.type === 'spectrum'));
    expect(shown).toMatchObject({
      snapshot: { report: null, problem: expect.stringMatching(/damaged.*[.]$/) },
    });
  });
});

describe('progress', () => {
  test('is posted at most ten times a second, and no step is left out', async () => {
    const bench = new Bench();
    const startMs = performance.now();
    bench.run({ settings: { ...settings, epochs: 60, evaluateEvery: 1e6 } });
    await bench.finished('a');
    const elapsedMs = performance.now() - startMs;
    const progress = bench.events('a').filter((event) => event.kind === 'progress');
    // Holds on a machine of any load: a slow run takes longer and may post more.
    expect(progress.length).toBeLessThanOrEqual(2 + elapsedMs / 100);
    let step = 0;
    for (const event of progress) {
      expect(event.firstStep).toBe(step + 1);
      step += event.losses.length;
    }
    expect(step).toBe(600);
  });
});

describe('pause, step and stop', () => {
  test('a paused run takes no step until it is resumed', async () => {
    const bench = new Bench();
    bench.run();
    await bench.reached('a', 1);
    bench.engine.handle({ type: 'pause' });
    await bench.rest();
    const [at, activity] = [bench.stepsOf('a'), bench.activity];
    await bench.rest();
    expect(at).toBeLessThan(40);
    expect([bench.stepsOf('a'), bench.activity]).toEqual([at, activity]);
    bench.engine.handle({ type: 'resume' });
    expect((await bench.finished('a')).reason).toBe('completed');
    expect(bench.pauses).toEqual([true, false]);
  });

  test('a run that is stepped from its start takes exactly the steps asked for', async () => {
    const bench = new Bench();
    bench.run();
    bench.engine.handle({ type: 'step' });
    await bench.reached('a', 1);
    await bench.rest();
    expect(bench.stepsOf('a')).toBe(1);
    bench.engine.handle({ type: 'step' });
    bench.engine.handle({ type: 'step' });
    await bench.reached('a', 3);
    await bench.rest();
    expect(bench.stepsOf('a')).toBe(3);
    expect(bench.pauses).toEqual([true]);
  });

  test('a step that replaces a run applies to the new one', async () => {
    const bench = new Bench();
    bench.run({ runId: 'a', settings: long });
    await bench.reached('a', 1);
    bench.run({ runId: 'b' });
    bench.engine.handle({ type: 'step' });
    expect((await bench.finished('a')).reason).toBe('stopped');
    await bench.reached('b', 1);
    await bench.rest();
    expect(bench.stepsOf('b')).toBe(1);
  });

  test('on a GPU, too, a paused run is stepped one by one', async () => {
    const bench = new Bench(() => Promise.resolve(new RecordingBackend('webgpu')));
    bench.run();
    await bench.reached('a', 1);
    bench.engine.handle({ type: 'pause' });
    await bench.rest();
    const at = bench.stepsOf('a');
    bench.engine.handle({ type: 'step' });
    await bench.reached('a', at + 1);
    await bench.rest();
    expect(bench.stepsOf('a')).toBe(at + 1);
  });

  test('a step asked for while slices are in flight comes after them', async () => {
    const gpu = new RecordingBackend('webgpu');
    const bench = new Bench(() => Promise.resolve(gpu));
    bench.run({ settings: { ...long, evaluateEvery: 1e6 } });
    await bench.reached('a', 100);
    bench.engine.handle({ type: 'step' });
    await bench.rest();
    expect(gpu.slices.at(-1)).toBe(1);
    expect(gpu.slices.at(-2)).toBeGreaterThan(1);
    expect(bench.stepsOf('a')).toBe(gpu.slices.reduce((sum, steps) => sum + steps, 0));
  });

  test('a paused run can be stopped, and the next one is not paused', async () => {
    const bench = new Bench();
    bench.run({ settings: long });
    await bench.reached('a', 1);
    bench.engine.handle({ type: 'pause' });
    bench.engine.handle({ type: 'stop' });
    const { reason, metrics } = await bench.finished('a');
    expect(reason).toBe('stopped');
    expect(metrics.test).toBeDefined();
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).reason).toBe('completed');
    expect(bench.pauses).toEqual([true, false]);
  });

  test('with nothing to pause, step or stop, nothing happens', async () => {
    const bench = new Bench();
    for (const type of ['pause', 'step', 'stop', 'resume'] as const) bench.engine.handle({ type });
    await bench.rest();
    expect(bench.replies).toEqual([]);
  });
});

describe('the backend', () => {
  test('is told once at the start: WebGPU where it works', async () => {
    const bench = new Bench(() => Promise.resolve(new RecordingBackend('webgpu')));
    await bench.engine.start();
    bench.run();
    await bench.finished('a');
    expect(bench.statuses).toEqual([{ kind: 'webgpu', adapter: 'a recorded CPU', fallback: null }]);
  });

  test('is the CPU, saying why, where WebGPU does not work', async () => {
    const bench = new Bench();
    await bench.engine.start();
    const { name, message, remedy } = noGpu;
    expect(bench.statuses).toMatchObject([{ kind: 'cpu', fallback: { name, message, remedy } }]);
  });

  test('can be chosen: the CPU in spite of a GPU, a software GPU in spite of its being slow', async () => {
    const bench = new Bench((allowSoftware) =>
      allowSoftware ? Promise.resolve(new RecordingBackend('webgpu')) : Promise.reject(noGpu),
    );
    await bench.engine.start();
    bench.run({ runId: 'a', settings: { ...settings, backend: 'webgpu' } });
    expect((await bench.finished('a')).backend).toBe('webgpu');
    bench.run({ runId: 'b', settings: { ...settings, backend: 'cpu' } });
    expect((await bench.finished('b')).backend).toBe('cpu');
    expect(bench.statuses.map(({ kind, fallback }) => [kind, fallback !== null])).toEqual([
      ['cpu', true],
      ['webgpu', false],
      ['cpu', false],
    ]);
  });

  test('is made anew after a failure that left the device alive', async () => {
    const gpus: RecordingBackend[] = [];
    const bench = new Bench(() => {
      const gpu = new RecordingBackend('webgpu');
      gpus.push(gpu);
      if (gpus.length === 1) {
        gpu.prepare = () =>
          Promise.reject(new BackendError('out-of-memory', 'No memory left.', 'Lower the budget.'));
      }
      return Promise.resolve(gpu);
    });
    bench.run({ runId: 'a' });
    await bench.until(() => bench.replies.find((reply) => reply.type === 'failed'));
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).backend).toBe('webgpu');
    expect(gpus.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    expect(gpus[0].liveData).toBe(0);
  });
});

describe('a device that is lost', () => {
  const lost = new BackendError('lost', 'The graphics device was lost.', 'Start the run again.');
  /** What of a result does not depend on how the run got there. */
  const lasting = ({ msPerStep: _a, seconds: _b, trainedOn: _c, ...result }: RunResult) => result;
  /** Devices that are opened one after the other, and a way to lose the last. */
  const openDevices = () => {
    const gpus: RecordingBackend[] = [];
    const open = () => {
      gpus.push(new RecordingBackend('webgpu'));
      return Promise.resolve(gpus.at(-1)!);
    };
    return { gpus, open };
  };
  const undisturbed = async (asked = settings): Promise<RunResult> => {
    const bench = new Bench(openDevices().open);
    bench.run({ settings: asked });
    return bench.finished('a');
  };

  test('is replaced by a new one, on which the run goes on to the same bits', async () => {
    const whole = await undisturbed();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), async (replies) => {
        const { gpus, open } = openDevices();
        const bench = new Bench(open);
        bench.run();
        await bench.until(() => {
          const events = bench.events('a');
          return events.length >= replies || events.at(-1)?.kind === 'finished' || undefined;
        });
        gpus.at(0)?.lose(lost);
        const result = await bench.finished('a');
        expect(lasting(result)).toEqual(lasting(whole));
        expect(result.backend).toBe('webgpu');
        expect(bench.replies.some((reply) => reply.type === 'failed')).toBe(false);
        await bench.rest();
        if (result.trainedOn) expect([gpus[0].liveExecutions, gpus[0].liveData]).toEqual([0, 0]);
      }),
      { numRuns: 20 },
    );
  });

  test('for the second time within a minute is replaced by the CPU', async () => {
    const { gpus, open } = openDevices();
    const bench = new Bench(open);
    bench.run({ settings: long });
    for (const count of [1, 2]) {
      await bench.until(() => (gpus.length === count && bench.stepsOf('a') > 0) || undefined);
      await bench.until(() => bench.replies.at(-1)?.type === 'event' || undefined);
      gpus[count - 1].lose(lost);
      await bench.until(
        () => bench.replies.filter((reply) => reply.type === 'recovering').length === count || undefined,
      );
      const before = bench.replies.length;
      await bench.until(() => bench.replies.slice(before).find(isProgress));
    }
    bench.engine.handle({ type: 'stop' });
    const { reason, backend, trainedOn } = await bench.finished('a');
    expect([reason, backend]).toEqual(['stopped', 'cpu']);
    expect(trainedOn?.map((part) => part.backend).at(-1) ?? 'cpu').toBe('cpu');
    expect(bench.statuses.at(-1)).toMatchObject({
      kind: 'cpu',
      fallback: {
        message: 'The graphics device was lost twice within a minute, so training goes on on the CPU.',
      },
    });
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).backend).toBe('cpu');
  });

  test('keeps what a run was resized to, and can still undo it', async () => {
    const { gpus, open } = openDevices();
    const bench = new Bench(open);
    const uniform = { ...long, method: 'uniform' as const };
    bench.run({ settings: uniform });
    await bench.reached('a', 5);
    bench.engine.handle({ type: 'change-size', runId: 'a', change: { kind: 'resize', budget: 150 } });
    await bench.until(() => bench.events('a').find(({ kind }) => kind === 'resized'));
    gpus[0].lose(lost);
    const again = await bench.until(() => bench.events('a').filter(({ kind }) => kind === 'started')[1]);
    expect(again).toMatchObject({ settings: { budget: 150 } });
    bench.engine.handle({ type: 'change-size', runId: 'a', change: { kind: 'undo' } });
    const undone = await bench.until(() => bench.events('a').filter(({ kind }) => kind === 'resized')[1]);
    expect(undone).toMatchObject({ undone: true, settings: { budget: 300 } });
    bench.engine.handle({ type: 'cancel' });
    await bench.rest();
  });

  test('while nothing is trained is replaced at once', async () => {
    const { gpus, open } = openDevices();
    const bench = new Bench(open);
    bench.run();
    await bench.finished('a');
    await bench.rest();
    gpus[0].lose(lost);
    await bench.rest();
    expect(gpus.length).toBe(2);
    bench.run({ runId: 'b' });
    expect((await bench.finished('b')).backend).toBe('webgpu');
    expect(gpus.length).toBe(2);
  });
});

describe('an engine that is gone', () => {
  test('leaves checkpoints, from which the next goes on to the same bits; they are deleted when told to', async () => {
    const whole = new Bench();
    whole.run();
    const result = await whole.finished('a');
    const files = new Map<string, (Blob | undefined)[]>();
    const first = new Bench(undefined, undefined, memoryCheckpoints(files));
    first.run({ note: 'what the page knows' });
    await first.until(() => (files.get('a')?.some(Boolean) ? true : undefined));
    const left = new Map(Array.from(files, ([id, own]) => [id, [...own]]));
    first.engine.handle({ type: 'cancel' });
    await first.rest();
    expect(files.size).toBe(0); // of a run that was given up

    const second = new Bench(undefined, undefined, memoryCheckpoints(left));
    await second.engine.findInterrupted();
    const found = second.replies.find((reply) => reply.type === 'interrupted')!;
    expect(found.runs).toMatchObject([{ runId: 'a', note: 'what the page knows' }]);
    second.run();
    const again = await second.finished('a');
    expect(second.events('a').map(({ kind }) => kind)).toContain('resumed');
    const { msPerStep: _a, seconds: _b, trainedOn, ...lasting } = again;
    expect(lasting).toEqual({ ...lasting, metrics: result.metrics, bestStep: result.bestStep });
    expect(trainedOn?.at(-1)).toMatchObject({ afterStep: found.runs[0].step, backend: 'cpu' });
    expect(left.size).toBe(1);
    second.engine.handle({ type: 'forget-checkpoints', runIds: ['a'] });
    await second.rest();
    expect(left.size).toBe(0);
  });

  test('leaves nothing for other data', async () => {
    const files = new Map<string, (Blob | undefined)[]>();
    const first = new Bench(undefined, undefined, memoryCheckpoints(files));
    first.run();
    await first.until(() => (files.get('a')?.some(Boolean) ? true : undefined));
    const left = new Map(Array.from(files, ([id, own]) => [id, [...own]]));
    first.engine.handle({ type: 'cancel' });
    await first.rest();
    const other = tinyDataset('click');
    other.labels[0] = 1 - other.labels[0];
    const second = new Bench(undefined, other, memoryCheckpoints(left));
    second.run();
    await second.finished('a');
    expect(second.events('a').map(({ kind }) => kind)).not.toContain('resumed');
  });

  test('where nothing can be written, a lost device is recovered from memory, and that is said once', async () => {
    const refusing: CheckpointFiles = {
      ...memoryCheckpoints(),
      write: () => Promise.reject(new DOMException('No room.', 'QuotaExceededError')),
    };
    const gpus: RecordingBackend[] = [];
    const bench = new Bench(
      () => {
        gpus.push(new RecordingBackend('webgpu'));
        return Promise.resolve(gpus.at(-1)!);
      },
      undefined,
      refusing,
    );
    bench.run({ settings: long });
    await bench.until(() => bench.replies.find(({ type }) => type === 'no-checkpoints'));
    await bench.reached('a', 100);
    gpus[0].lose(new BackendError('lost', 'The graphics device was lost.', ''));
    await bench.until(() => bench.events('a').find(({ kind }) => kind === 'resumed'));
    bench.engine.handle({ type: 'stop' });
    await bench.finished('a');
    expect(bench.replies.filter(({ type }) => type === 'no-checkpoints').length).toBe(1);
  });
});

const isProgress = (reply: EngineReply): true | undefined =>
  reply.type === 'event' && reply.event.kind === 'progress' ? true : undefined;
