import { afterEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { Random } from '../../../src/random/random.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import { Engine } from '../../../src/worker/engine.ts';
import type { EngineReply, EngineRequest } from '../../../src/worker/protocol.ts';
import { RecordingBackend } from '../training/recordingBackend.ts';
import { tinyDataset, tinySettings } from '../training/tinyDataset.ts';
import { memoryCheckpoints } from '../../support/memoryCheckpoints.ts';

const noGpu = new BackendError('no-adapter', 'There is no adapter.', 'Use the CPU.');
const settings: Settings = { ...tinySettings, epochs: 1 };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Bench {
  readonly replies: EngineReply[] = [];
  readonly backend: RecordingBackend;
  readonly engine: Engine;
  /** Called at every rest with their number so far. */
  onRest: (rests: number) => void = () => {};
  rests = 0;
  #wake: () => void = () => {};

  constructor(dataset: Dataset) {
    this.backend = new RecordingBackend();
    this.engine = new Engine({
      post: (reply) => {
        this.replies.push(reply);
        this.#wake();
      },
      yieldThread: () => {
        this.onRest(++this.rests);
        return turn();
      },
      cpu: () => this.backend,
      webgpu: () => Promise.reject(noGpu),
      checkpoints: memoryCheckpoints(),
      checkpointMs: 0,
    });
    this.engine.handle({ type: 'dataset', dataset });
  }

  /** How a run or a compression ended. */
  async ended(runId: string): Promise<EngineReply> {
    for (;;) {
      const last = this.replies.find(
        (reply) =>
          ('runId' in reply && reply.runId === runId && endings.has(reply.type)) ||
          (reply.type === 'event' && reply.runId === runId && reply.event.kind === 'finished'),
      );
      if (last) return last;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the device holds nothing any more. */
  async freed(): Promise<void> {
    while (this.backend.liveExecutions > 0) await turn();
  }

  losses(runId: string): number[] {
    return this.replies.flatMap((reply) =>
      reply.type === 'event' && reply.runId === runId && reply.event.kind === 'progress'
        ? [...reply.event.losses]
        : [],
    );
  }

  async fileOf(asked: Settings): Promise<Blob> {
    this.engine.handle({ type: 'run', runId: 'model', settings: asked, note: '' });
    const finished = await this.ended('model');
    return (finished as Extract<EngineReply, { type: 'event' }>).file!;
  }
}

const endings: ReadonlySet<string> = new Set(['ended-early', 'compression-ended', 'failed']);

const full = { ...settings, method: 'full', vectorDim: 8, budget: null } as const;
const run = (asked: Settings): EngineRequest => ({ type: 'run', runId: 'a', settings: asked, note: '' });
const compress = (file: Blob, by: 'truncate' | 'quantise' | 'hash'): EngineRequest => ({
  type: 'compress',
  runId: 'a',
  file,
  backend: null,
  compression: { by, budgets: [250], fineTuneSteps: 0 },
});

afterEach(() => vi.restoreAllMocks());

describe('cancelled at any rest, a request ends, leaves nothing, and the next run is as ever:', () => {
  test.for<[string, (bench: Bench) => Promise<EngineRequest>]>([
    ['a plan within a memory', async () => run({ ...settings, trainMemory: 0.33 })],
    ['signatures', async () => run({ ...settings, method: 'lma' })],
    ['a warm-up and its SVD', async () => run({ ...settings, allocation: 'spectral' })],
    ['a run and its file', async () => run(settings)],
    ['truncation', async (bench) => compress(await bench.fileOf(full), 'truncate')],
    ['rounding', async (bench) => compress(await bench.fileOf(full), 'quantise')],
    ['hashing', async (bench) => compress(await bench.fileOf(full), 'hash')],
  ])('%s', async ([, requestOf]) => {
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 50)); // a rest after every piece
    const whole = new Bench(tinyDataset('click'));
    const request = await requestOf(whole);
    const before = whole.rests;
    whole.engine.handle(request);
    await whole.ended('a');
    const rests = whole.rests - before;
    const quiet = new Bench(tinyDataset('click'));
    quiet.engine.handle({ type: 'run', runId: 'b', settings, note: '' });
    await quiet.ended('b');
    for (let i = 0; i < 12; i++) {
      const bench = new Bench(tinyDataset('click'));
      const last = 1 + Math.floor((i * rests) / 12);
      let cancelled = false;
      bench.onRest = (count) => {
        if (count < last || cancelled) return;
        cancelled = true;
        bench.engine.handle({ type: 'cancel' });
        bench.engine.handle({ type: 'run', runId: 'b', settings, note: '' });
      };
      bench.engine.handle(request);
      const end = await bench.ended('b');
      expect(end).toMatchObject({ type: 'event', event: { result: { reason: 'completed', steps: 10 } } });
      expect((await bench.ended('a')).type).not.toBe('failed');
      await bench.freed();
      expect(bench.losses('b')).toEqual(quiet.losses('b'));
    }
  });
});

/** Of two fields with long tables. */
function longTables(rows: number): Dataset {
  const tiny = tinyDataset('click', 3000);
  const random = new Random(1, 'long tables');
  const ids = Uint32Array.from({ length: 3 * 3000 }, () => random.below(rows));
  const fields = tiny.fields.map((field) => ({
    ...field,
    cardinality: rows,
    counts: new Uint32Array(rows).fill(1),
  }));
  return { ...tiny, fields, ids };
}

describe('with a real clock, the processor works at most 200 ms more for a request that is cancelled:', () => {
  const rows = 300_000;
  const long = longTables(rows);
  const wide = { ...settings, batch: 256, method: 'full', vectorDim: 32, budget: null } as const;

  test.for<[string, number, EngineRequest]>([
    ['drawing tables', 60, run(wide)],
    ['signatures', 60, run({ ...wide, method: 'lma', budget: 3_000_000 })],
    ['a warm-up', 200, run({ ...wide, method: 'mixed-dimension', allocation: 'spectral' })],
  ])('%s', async ([, afterMs, request]) => {
    const bench = new Bench(long);
    bench.engine.handle(request);
    const begun = performance.now();
    while (performance.now() - begun < afterMs) await turn();
    const before = process.cpuUsage();
    bench.engine.handle({ type: 'cancel' });
    const end = await bench.ended('a');
    const { user, system } = process.cpuUsage(before);
    expect(end).toEqual({ type: 'ended-early', runId: 'a' });
    expect((user + system) / 1000).toBeLessThan(200);
    await bench.freed();
  });
});
