import { beforeAll, describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/settings/settings.ts';
import type { EngineRequest } from '../../../src/worker/protocol.ts';
import { EngineBench, longTables, turn } from '../../support/engineBench.ts';
import { measureWallPerCpu } from '../../support/machineLoad.ts';
import { tinySettings } from '../training/tinyDataset.ts';

/** What a person takes for at once, on a quiet machine. */
const LONGEST_MS = 200;
/** In parts of what is cancelled. */
const MOMENTS = [0.1, 0.35, 0.6, 0.85];

/** Tables of 10,080,000 parameters. */
const data = longTables(105_000);
const settings: Settings = { ...tinySettings, epochs: 1, batch: 256 };
const full = { ...settings, method: 'full', vectorDim: 32, budget: null } as const;

/** Whether the engine has told of the last evaluation: what follows is the file. */
const isEvaluated = ({ replies }: EngineBench): boolean =>
  replies.some(
    (reply) => reply.type === 'event' && reply.event.kind === 'evaluation' && reply.event.split === 'test',
  );
/** A bench with the request, as far as `isBegun` says. */
async function begin(request: EngineRequest, isBegun: (bench: EngineBench) => boolean): Promise<EngineBench> {
  const bench = new EngineBench(data);
  bench.engine.handle(request);
  while (!isBegun(bench)) await turn();
  return bench;
}

/**
 * From the moment at which it would be cancelled until it has ended. In a browser the message waits for the piece of work in progress;
 * so does the loop here. undefined: it had ended before.
 */
async function cancelledMs(bench: EngineBench, atMs: number): Promise<number | undefined> {
  while (performance.now() < atMs) await turn();
  if (bench.hasEnded('a')) return undefined;
  bench.engine.handle({ type: 'cancel' });
  await bench.ended('a');
  await bench.freed();
  expect(bench.replies.some((reply) => reply.type === 'event' && reply.file !== undefined)).toBe(false);
  return performance.now() - atMs;
}

/** Cancels it at several moments. The bound is that of a quiet machine, times how much of this one others take. */
async function expectPromptCancel(
  request: EngineRequest,
  isBegun: (bench: EngineBench) => boolean,
): Promise<void> {
  const loads = [measureWallPerCpu()];
  const whole = await begin(request, isBegun);
  const begunMs = performance.now();
  await whole.ended('a');
  const wholeMs = performance.now() - begunMs;
  const tookMs: number[] = [];
  for (const moment of MOMENTS) {
    const bench = await begin(request, isBegun);
    tookMs.push((await cancelledMs(bench, performance.now() + moment * wholeMs)) ?? NaN);
    loads.push(measureWallPerCpu());
  }
  console.log(`of ${wholeMs.toFixed(0)} ms, cancelled in ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  const measured = tookMs.filter((ms) => !Number.isNaN(ms));
  expect(measured.length).toBeGreaterThanOrEqual(MOMENTS.length / 2);
  expect(Math.max(...measured)).toBeLessThan(LONGEST_MS * Math.max(...loads));
}

let file: Blob;
beforeAll(async () => {
  file = await new EngineBench(data).fileOf(full);
}, 120_000);

describe(
  'of 10 million parameters, cancelled at any moment, within 200 ms of wall time',
  { timeout: 240_000 },
  () => {
    test.each(['truncate', 'quantise', 'hash'] as const)('ends to %s a run file', async (by) => {
      const compression = { by, budgets: [3_000_000], fineTuneSteps: 0 };
      const request = { type: 'compress', runId: 'a', file, backend: null, compression } as const;
      await expectPromptCancel(request, () => true);
    });

    test('ends to write the file of a trained run', () =>
      expectPromptCancel({ type: 'run', runId: 'a', settings: full, note: '' }, isEvaluated));
  },
);
