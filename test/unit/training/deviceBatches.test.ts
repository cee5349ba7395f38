import { describe, expect, test } from 'vitest';
import { BackendError } from '../../../src/backend/backend.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import { layOutBatches } from '../../../src/training/batches/batchLayout.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import type { TrainingEvent } from '../../../src/training/events/events.ts';
import { trainRun } from '../../../src/training/train.ts';
import { RecordingBackend } from './recordingBackend.ts';
import { tinyDataset } from './tinyDataset.ts';
import { type Lookup, ownRows } from '../../../src/program/lookup.ts';
import { LONG_SEGMENT } from '../../../src/program/operand.ts';

const dataset = tinyDataset('click');
const settings = { ...defaultSettings, method: 'uniform' as const, budget: 240, batch: 50, epochs: 2 };
const tensorBytes = 2 ** 30;

async function lossesOf(events: AsyncIterable<TrainingEvent>): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of events) if (event.kind === 'progress') losses.push(...event.losses);
  return losses;
}

async function collect(residentBytes: number): Promise<unknown[]> {
  const events: unknown[] = [];
  const backend = new RecordingBackend();
  const batchCache = new DeviceBatchesCache(residentBytes);
  for await (const event of trainRun({ settings, dataset, backend, batchCache })) {
    if (event.kind === 'progress') events.push(...event.losses);
    if (event.kind === 'evaluation') events.push(event);
  }
  return events;
}

const plain = (lookups: readonly Lookup[]) => ({ lookups, signatures: undefined });

describe('the layout of batches on a device', () => {
  test('gives every batch a slot, training first, when all fit', () => {
    expect(
      layOutBatches(dataset, 50, dataset.fields.length, { residentBytes: 2 ** 20, tensorBytes }),
    ).toEqual({
      batch: 50,
      negatives: 0,
      batches: { train: 10, validation: 2, test: 2 },
      windows: { pages: 64, windows: 1, windowBatches: 10, batches: 10 },
      resident: true,
      trainSlots: 10,
      dataSlots: 14,
    });
  });

  test.each([
    ['all tensors together', { residentBytes: 1000, tensorBytes }],
    ['the largest of them', { residentBytes: 2 ** 30, tensorBytes: 4 * 50 * 3 * 13 }],
  ])('is two rings when %s exceed the limit', (_, limits) => {
    const layout = layOutBatches(dataset, 50, dataset.fields.length, limits);
    expect(layout.resident).toBe(false);
    expect(layout.trainSlots).toBe(10);
    expect(layout.dataSlots).toBe(26);
  });

  test('shortens the rings to the memory there is, to one slot at the least', () => {
    const lookups = dataset.fields.length;
    const slotBytes = 4 * 50 * (lookups + dataset.numericColumns.length + 1);
    const planBytes = 4 * (2 * 50 * lookups + 1 + Math.floor((50 * lookups) / LONG_SEGMENT) + 1);
    const slotsIn = (ringBytes: number) =>
      layOutBatches(dataset, 50, lookups, { residentBytes: 0, ringBytes, tensorBytes });
    for (const slots of [1, 2, 7, 10])
      expect(slotsIn(slots * (2 * slotBytes + planBytes))).toMatchObject({
        trainSlots: slots,
        dataSlots: 2 * slots,
      });
    expect(slotsIn(3 * (2 * slotBytes + planBytes) - 1).trainSlots).toBe(2);
    expect(slotsIn(0)).toMatchObject({ trainSlots: 1, dataSlots: 2 });
  });

  test('shortens the rings when batches are large, to one slot at the least', () => {
    const large = { ...dataset, splits: { ...dataset.splits, train: { start: 0, count: 1e9 } } };
    const slots = [2 ** 16, 2 ** 20, 2 ** 26].map(
      (batch) =>
        layOutBatches(large, batch, large.fields.length, { residentBytes: 0, tensorBytes }).trainSlots,
    );
    expect(slots[0]).toBe(16);
    expect(slots[1]).toBeLessThan(16);
    expect(slots[2]).toBe(1);
  });
});

describe('resident batches', () => {
  test('uploads every batch once, whatever runs follow with other α, budget and learning rate', async () => {
    const backend = new RecordingBackend();
    const batchCache = new DeviceBatchesCache();
    await lossesOf(trainRun({ settings, dataset, backend, batchCache }));
    expect(backend.writes.filter((name) => name === 'data.ids')).toHaveLength(14);
    const writes = backend.writes.length;
    const other = {
      ...settings,
      method: 'mixed-dimension',
      alpha: 0.5,
      budget: 300,
      learningRate: 0.01,
    } as const;
    await lossesOf(trainRun({ settings: other, dataset, backend, batchCache }));
    expect(backend.writes).toHaveLength(writes);
    batchCache.destroy();
    expect(backend.liveData).toBe(0);
  });

  test('gives way to the batches of another seed', async () => {
    const backend = new RecordingBackend();
    const batchCache = new DeviceBatchesCache();
    const layout = batchCache.layoutFor(backend, dataset, 50, dataset.fields.length);
    const own = ownRows(dataset.fields.map((field) => field.cardinality));
    const first = batchCache.batchesFor(backend, dataset, layout, 1, plain(own));
    expect(batchCache.batchesFor(backend, dataset, layout, 1, plain([...own]))).toBe(first);
    expect(batchCache.batchesFor(backend, dataset, layout, 2, plain(own))).not.toBe(first);
  });

  test('gives way to the batches of other lookups, whose rows meet in other segments', () => {
    const backend = new RecordingBackend();
    const batchCache = new DeviceBatchesCache();
    const layout = batchCache.layoutFor(backend, dataset, 50, dataset.fields.length);
    const own = ownRows(dataset.fields.map((field) => field.cardinality));
    const hashed = own.map((lookup) => ({
      ...lookup,
      address: { kind: 'digit', divisor: 1, rows: 2 } as const,
    }));
    const first = batchCache.batchesFor(backend, dataset, layout, 1, plain(own));
    expect(batchCache.batchesFor(backend, dataset, layout, 1, plain(hashed))).not.toBe(first);
  });
});

describe('a ring', () => {
  test('trains and evaluates to the same bits as resident batches', async () => {
    expect(await collect(0)).toEqual(await collect(2 ** 20));
  });

  test('uploads its batch at every step', async () => {
    const backend = new RecordingBackend();
    const batchCache = new DeviceBatchesCache(0);
    const losses = await lossesOf(
      trainRun({ settings: { ...settings, patience: 0 }, dataset, backend, batchCache }),
    );
    expect(losses).toHaveLength(20);
    expect(backend.writes.filter((name) => name === 'data.rowIndex.starts')).toHaveLength(20);
  });

  test('is what a run falls back to when the device has no memory for all batches', async () => {
    const backend = new RecordingBackend();
    const prepare = backend.prepare.bind(backend);
    let refusals = 1;
    backend.prepare = (...args) =>
      refusals-- > 0
        ? Promise.reject(new BackendError('out-of-memory', 'No memory left.', 'Lower the budget.'))
        : prepare(...args);
    const losses = await lossesOf(trainRun({ settings: { ...settings, patience: 0 }, dataset, backend }));
    expect(losses).toHaveLength(20);
    expect(backend.writes.filter((name) => name === 'data.rowIndex.starts')).toHaveLength(20);
    expect([backend.liveExecutions, backend.liveData]).toEqual([0, 0]);
  });
});
