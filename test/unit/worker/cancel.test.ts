import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Settings } from '../../../src/settings/settings.ts';
import type { EngineRequest } from '../../../src/worker/protocol.ts';
import { EngineBench, longTables, turn } from '../../support/engineBench.ts';
import { tinyDataset, tinySettings } from '../training/tinyDataset.ts';

const settings: Settings = { ...tinySettings, epochs: 1 };

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
  test.for<[string, (bench: EngineBench) => Promise<EngineRequest>]>([
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
    const whole = new EngineBench(tinyDataset('click'));
    const request = await requestOf(whole);
    const before = whole.rests;
    whole.engine.handle(request);
    await whole.ended('a');
    const rests = whole.rests - before;
    const quiet = new EngineBench(tinyDataset('click'));
    quiet.engine.handle({ type: 'run', runId: 'b', settings, note: '' });
    await quiet.ended('b');
    for (let i = 0; i < 12; i++) {
      const bench = new EngineBench(tinyDataset('click'));
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

describe('with a real clock, the processor works at most 200 ms more for a request that is cancelled:', () => {
  const rows = 300_000;
  const long = longTables(rows);
  const wide = { ...settings, batch: 256, method: 'full', vectorDim: 32, budget: null } as const;

  test.for<[string, number, EngineRequest]>([
    ['drawing tables', 60, run(wide)],
    ['signatures', 60, run({ ...wide, method: 'lma', budget: 3_000_000 })],
    ['a warm-up', 200, run({ ...wide, method: 'mixed-dimension', allocation: 'spectral' })],
  ])('%s', async ([, afterMs, request]) => {
    const bench = new EngineBench(long);
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
