import { expect, test } from 'vitest';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import type { Compression } from '../../../src/training/compressTrained.ts';
import type { TrainingEvent } from '../../../src/training/events.ts';
import { lossOf } from '../../../src/training/metrics.ts';
import { trainRun } from '../../../src/training/train.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset } from './tinyDataset.ts';

/** 10 steps an epoch; full tables take 60 × 8 floats. */
const settings: Settings = {
  ...defaultSettings,
  method: 'full',
  vectorDim: 8,
  batch: 48,
  epochs: 4,
  patience: 0,
  learningRate: 0.01,
};
const FULL = 480;

async function collect(compression: Compression, own: Partial<Settings> = {}) {
  const backend = new RecordingBackend();
  const events: TrainingEvent[] = [];
  const dataset = tinyDataset('click');
  for await (const event of trainRun({ settings: { ...settings, ...own }, dataset, backend, compression })) {
    events.push(event);
    expect(backend.liveExecutions).toBeLessThanOrEqual(1);
  }
  expect(backend.liveExecutions).toBe(0);
  const last = events.at(-1)!;
  if (last.kind !== 'finished') throw new Error('the run did not finish');
  return { result: last.result, compressed: events.filter((event) => event.kind === 'compressed') };
}

test('a trained model becomes smaller ones, each within its budget, and loses more the smaller it is', async () => {
  const budgets = [FULL, 300, 200, 100];
  const { result, compressed } = await collect({ budgets, fineTuneSteps: 0 });
  expect(compressed.map(({ budget }) => budget)).toEqual(budgets);
  const [whole] = compressed;
  expect(whole.lostEnergy).toBeLessThan(1e-9);
  expect(lossOf(whole.metrics.test!)).toBeCloseTo(lossOf(result.metrics.test!), 6);
  compressed.forEach(({ budget, allocation, lostEnergy }, i) => {
    expect(allocation.parameters).toBeLessThanOrEqual(budget);
    expect(allocation.baseDim).toBe(8);
    if (i > 0) expect(lostEnergy).toBeGreaterThan(compressed[i - 1].lostEnergy);
  });
  // What the run itself was is told as it was.
  expect(result.allocation.parameters).toBe(FULL);
  expect(result.settings.method).toBe('full');
});

test('further steps are trained on each of them, the same every time', async () => {
  const compression = { budgets: [200, 100], fineTuneSteps: 15 };
  const { compressed } = await collect(compression);
  expect(compressed.map(({ budget, steps }) => [budget, steps])).toEqual([
    [200, 0],
    [200, 15],
    [100, 0],
    [100, 15],
  ]);
  expect(lossOf(compressed[1].metrics.validation!)).not.toBe(lossOf(compressed[0].metrics.validation!));
  expect((await collect(compression)).compressed).toEqual(compressed);
});

test.each([
  ['hashed rows', { method: 'hashing', budget: 300 }, [200], /rows of their own/],
  ['less than a float a row', {}, [20], /too small/],
] as const)('refuses %s', async (_, own, budgets, message) => {
  // Before anything is trained for nothing.
  await expect(collect({ budgets, fineTuneSteps: 0 }, { ...own, epochs: 10_000 })).rejects.toThrow(message);
});
