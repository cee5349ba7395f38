import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/backend/backend.ts';
import type { MemoryLimits } from '../../../src/data/source.ts';
import { totalBytes } from '../../../src/program/memory.ts';
import type { MethodId, Settings } from '../../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import { TrainingError } from '../../../src/training/events/errors.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { checkMemory, type MemoryNeeds } from '../../../src/training/plan/memoryNeeds.ts';
import { planRun } from '../../../src/training/plan/planRun.ts';
import { plannedChanges } from '../../../src/training/resize/sizeChanges.ts';
import { trainRun, type TrainOptions } from '../../../src/training/train.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';

const dataset = tinyDataset('click', 20_000);
const settings: Settings = { ...tinySettings, epochs: 1, vectorDim: 8 };
const limited = (totalBytes: number): MemoryLimits => ({ heapBytes: Infinity, totalBytes });

/** What of the limits may be used. */
const USABLE = 0.9;

/** The least limit that a run fits into, by bisection, to a byte. */
function leastLimit(asked: Settings, backend: Backend = new RecordingBackend(), keepsCheckpoints = false) {
  const fits = (total: number): boolean => {
    const request = { settings: asked, dataset, backend, batchCache: new DeviceBatchesCache() };
    try {
      planRun({ ...request, keepsCheckpoints, memory: limited(total) });
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(TrainingError);
      return false;
    }
  };
  let [low, high] = [0, 2 ** 34];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}

async function collect(options: Partial<TrainOptions>): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  const backend = new RecordingBackend();
  for await (const event of trainRun({ settings, dataset, backend, ...options })) events.push(event);
  return events;
}

const arrays = (): number => dataset.ids.byteLength + dataset.numbers.byteLength + dataset.labels.byteLength;

describe('a run needs', () => {
  test.for<MethodId>(['uniform', 'full', 'hashing', 'lma', 'prune', 'tensor-train', 'int8'])(
    '%s: at least its arrays and what the CPU allocates for it, and little more',
    async (method) => {
      const asked = { ...settings, method, budget: null };
      const finished = (await collect({ settings: asked })).find((event) => event.kind === 'finished')!;
      const held = totalBytes(finished.result.bytes) + arrays();
      const needed = USABLE * leastLimit(asked);
      expect(needed).toBeGreaterThanOrEqual(held);
      // Signatures are made of up to 125,000 examples, whatever the data.
      expect(needed).toBeLessThan(2 * held + (method === 'lma' ? 2e6 : 0));
    },
  );

  test('less of this thread where a GPU has the tables, and more where checkpoints copy them', () => {
    const full = { ...settings, method: 'full', vectorDim: 1024, budget: null } as const;
    const here = leastLimit(full);
    expect(leastLimit(full, new RecordingBackend('webgpu'))).toBeLessThan(here / 2);
    expect(leastLimit(full, new RecordingBackend(), true)).toBeGreaterThan(here + 60 * 1024 * 4);
  });
});

describe('memory that is not there is not taken:', () => {
  test('a run is refused before anything is allocated, with both numbers and what to do', async () => {
    const backend = new RecordingBackend();
    const allocated: unknown[] = [];
    backend.createData = (tensors) => {
      allocated.push(tensors);
      throw new Error('nothing may be allocated');
    };
    const asked = { ...settings, method: 'full', vectorDim: 1024, budget: null } as const;
    const memory = limited(leastLimit(asked) - 1);
    const refused = collect({ settings: asked, backend, memory });
    await expect(refused).rejects.toBeInstanceOf(TrainingError);
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(
        /^This run would take about [\d.]+ MB of memory, and at most [\d.]+ MB can/,
      ),
      remedy: expect.stringMatching(/^Choose .*\([\d.]+ MB depend on it\)/),
    });
    expect(allocated).toEqual([]);
  });

  test.for<[keyof MemoryNeeds, RegExp]>([
    ['model', /^Choose a smaller budget \(9 GB depend on it\)\.$/],
    ['batch', /^Choose a smaller batch \(9 GB depend on it\)\.$/],
    ['examples', /^Choose a random sample of the data \(row limit\) \(9 GB depend on it\)\.$/],
  ])('what to do depends on what takes most: %s', ([part, remedy]) => {
    const needs = { model: 1e6, batch: 1e6, examples: 1e6, heap: 0, [part]: 9e9 };
    expect(() => checkMemory(needs, limited(8e9))).toThrow(TrainingError);
    try {
      checkMemory(needs, limited(8e9));
    } catch (error) {
      expect((error as TrainingError).remedy).toMatch(remedy);
      expect((error as TrainingError).message).toContain('9 GB of memory, and at most 7.2 GB');
    }
  });

  test('too many batches for the heap of JavaScript objects', () => {
    const request = { dataset, backend: new RecordingBackend(), batchCache: new DeviceBatchesCache() };
    const memory = { heapBytes: 1e6, totalBytes: Infinity };
    const plan = (batch: number) => planRun({ ...request, settings: { ...settings, batch }, memory });
    expect(() => plan(1)).toThrow(/JavaScript objects, and at most 900 kB/);
    expect(() => plan(64)).not.toThrow();
  });

  test('a resize is refused, and the run goes on to the bits that it has without', async () => {
    const asked = { ...settings, method: 'uniform', budget: 300 } as const;
    const memory = limited(leastLimit(asked) + 1e5);
    const sizes = plannedChanges([{ step: 20, budget: 60 * 1024 }]);
    const events = await collect({ settings: asked, memory, sizes });
    expect(events.find(({ kind }) => kind === 'resize-refused')).toMatchObject({
      message: expect.stringMatching(/would take about/),
    });
    const losses = (all: readonly TrainingEvent[]) =>
      all.flatMap((event) => (event.kind === 'progress' ? [...event.losses] : []));
    expect(losses(events)).toEqual(losses(await collect({ settings: asked })));
  });

  test('a smaller model for which there is no room beside the larger one is refused before training', async () => {
    const asked = { ...settings, method: 'full', vectorDim: 64, budget: null } as const;
    const memory = limited(leastLimit(asked) + 1000);
    const compression = { by: 'quantise', budgets: [2000], fineTuneSteps: 0 } as const;
    const backend = new RecordingBackend();
    const refused = collect({ settings: asked, backend, memory, compression });
    await expect(refused).rejects.toThrow(/would take about/);
    expect(backend.slices).toEqual([]);
    await collect({ settings: asked, memory: limited(2 * memory.totalBytes), compression });
  });
});
