import { describe, expect, test } from 'vitest';
import { groupOf, roundRows } from '../../../src/compression/roundRows.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { type Compression, compressRun } from '../../../src/training/compress/compressTrained.ts';
import {
  type CompressedResult,
  type TrainingEvent,
  storedParameters,
} from '../../../src/training/events/events.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import { lossOf } from '../../../src/metrics/metrics.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { encodeRun, openRun, type SavableRun } from '../../../src/training/weights/runFile.ts';
import type { StoredTensor } from '../../../src/training/weights/safetensors.ts';
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
const ROWS = [7, 13, 40];
const FULL = 480;
const ways = ['truncate', 'quantise', 'hash'] as const;
/** What each way can reach of it. */
const budgetsOf = { truncate: [300, 200, 100], quantise: [250, 200], hash: [300, 200, 100] } as const;

const blobOf = (pieces: readonly Uint8Array[]) => new Blob(pieces as Uint8Array<ArrayBuffer>[]);
const compressedOf = (events: readonly TrainingEvent[]): readonly CompressedResult[] =>
  events.flatMap((event) => (event.kind === 'compressed' ? [event.result] : []));
/** Without what the clock says. */
const timeless = (result: CompressedResult) => ({ ...result, seconds: 0, msPerStep: 0 });

/** A run with what is made of it, and its run file. */
async function train(compression?: Compression, own: Partial<Settings> = {}, dataset = tinyDataset('click')) {
  const backend = new RecordingBackend();
  const events: TrainingEvent[] = [];
  let file = new Blob();
  const onTrained = async (run: SavableRun): Promise<void> => {
    file = blobOf(await encodeRun(run));
  };
  const asked = { ...settings, ...own };
  for await (const event of trainRun({ settings: asked, dataset, backend, compression, onTrained })) {
    events.push(event);
    expect(backend.liveExecutions).toBeLessThanOrEqual(1);
  }
  expect(backend.liveExecutions).toBe(0);
  const last = events.at(-1)!;
  if (last.kind !== 'finished') throw new Error('the run did not finish');
  return { result: last.result, compressed: compressedOf(events), file };
}

/** What is made of a run file, and the files of that. */
async function compress(file: Blob, compression: Compression, dataset: Dataset = tinyDataset('click')) {
  const events: TrainingEvent[] = [];
  const files: Blob[] = [];
  const onTrained = async (run: SavableRun): Promise<void> => {
    files.push(blobOf(await encodeRun(run)));
  };
  const batchCache = new DeviceBatchesCache();
  const request = { dataset, batchCache, backend: new RecordingBackend() };
  const control = { scheduling: unscheduled(), onTrained };
  for await (const event of compressRun(file, compression, request, control)) events.push(event);
  batchCache.destroy();
  return { compressed: compressedOf(events), files };
}

async function tensorsOf(file: Blob): Promise<ReadonlyMap<string, StoredTensor>> {
  const { tensors } = await openRun(file);
  const read = await Promise.all([...tensors.entries.keys()].map((name) => tensors.read(name)));
  return new Map(read.map((tensor) => [tensor.name, tensor]));
}

describe.each(ways)('%s', (by) => {
  const budgets = budgetsOf[by];

  test('makes smaller models, each within its budget, that lose more the smaller they are', async () => {
    const { result, compressed } = await train({ by, budgets: [FULL, ...budgets], fineTuneSteps: 0 });
    expect(compressed.map((own) => own.compressed.budget)).toEqual([FULL, ...budgets]);
    const [whole] = compressed;
    expect(whole.compressed.lostEnergy).toBeLessThan(1e-9);
    expect(lossOf(whole.metrics.test!)).toBeCloseTo(lossOf(result.metrics.test!), 6);
    compressed.forEach((own, i) => {
      expect(storedParameters(own)).toBeLessThanOrEqual(own.compressed.budget);
      expect(own.allocation.baseDim).toBe(8);
      if (i > 0) expect(own.compressed.lostEnergy).toBeGreaterThan(compressed[i - 1].compressed.lostEnergy);
    });
    // What the run itself was is told as it was.
    expect(result.allocation.parameters).toBe(FULL);
    expect(result.settings.method).toBe('full');
  });

  test('trains each of them on for some steps, still within its budget', async () => {
    const { compressed } = await train({ by, budgets, fineTuneSteps: 15 });
    const said = compressed.map((own) => [own.compressed.budget, own.compressed.steps]);
    expect(said).toEqual(budgets.flatMap((budget) => [0, 15].map((steps) => [budget, steps])));
    for (const own of compressed) expect(storedParameters(own)).toBeLessThanOrEqual(own.compressed.budget);
    const [before, after] = compressed;
    expect(lossOf(after.metrics.validation!)).not.toBe(lossOf(before.metrics.validation!));
  });

  test.each(['click', 'rating'] as const)(
    'of a run file comes to the same bits as at the end of the run, for %s labels',
    async (task) => {
      const dataset = tinyDataset(task);
      const own = task === 'rating' ? ({ model: 'mf', vectorDim: 6 } as const) : {};
      const compression = { by, budgets: [250], fineTuneSteps: 12 };
      const { file, compressed } = await train(compression, own, dataset);
      const again = await compress(file, compression, dataset);
      expect(again.compressed.map(timeless)).toEqual(compressed.map(timeless));
      expect(again.files).toHaveLength(2);
    },
  );
});

test('what is truncated can be compressed again', async () => {
  const { file } = await train();
  const first = await compress(file, { by: 'truncate', budgets: [300], fineTuneSteps: 0 });
  for (const by of ways) {
    const { compressed } = await compress(first.files[0], { by, budgets: [160], fineTuneSteps: 0 });
    expect(storedParameters(compressed[0])).toBeLessThanOrEqual(160);
  }
});

test.each([
  [8, 250],
  [4, 200],
] as const)('quantise rounds the rows of every table to %d bits, and nothing else', async (bits, budget) => {
  const { file } = await train();
  const { files, compressed } = await compress(file, { by: 'quantise', budgets: [budget], fineTuneSteps: 0 });
  expect(compressed[0].settings.postTraining).toBe(`int${bits}`);
  const [before, after] = [await tensorsOf(file), await tensorsOf(files[0])];
  for (const [name, { values }] of before) {
    const expected = (values as Float32Array).slice();
    if (name.startsWith('embedding.table.'))
      roundRows(expected, { bits, group: groupOf(8, 8), isSparse: false });
    expect(after.get(name)!.values).toEqual(expected);
  }
  const words = ROWS.reduce((sum, rows) => sum + Math.ceil((rows * 8 * bits) / 32) + 2 * rows, 0);
  expect(storedParameters(compressed[0])).toBe(words);
});

test('hash gives the rows of a hashing model the mean of what falls there, by lookups', async () => {
  const dataset = tinyDataset('click');
  const { file } = await train();
  const { files, compressed } = await compress(file, { by: 'hash', budgets: [200], fineTuneSteps: 0 });
  expect(compressed[0].settings.method).toBe('hashing');
  const [before, after] = [await tensorsOf(file), await tensorsOf(files[0])];
  dataset.fields.forEach(({ counts, cardinality }, field) => {
    const from = before.get(`embedding.table.${field}`)!.values;
    const { shape, values } = after.get(`embedding.table.${field}`)!;
    const [rows] = shape;
    expect(rows).toBeLessThan(cardinality);
    for (let row = 0; row < rows; row++)
      for (let j = 0; j < 8; j++) {
        let [sum, weight] = [0, 0];
        for (let id = row; id < cardinality; id += rows) {
          sum += counts[id] * from[id * 8 + j];
          weight += counts[id];
        }
        expect(values[row * 8 + j]).toBeCloseTo(sum / weight, 6);
      }
  });
  for (const [name, { values }] of before)
    if (!name.startsWith('embedding.')) expect(after.get(name)!.values).toEqual(values);
});

describe('refused before anything is trained', () => {
  test.each([
    ['truncate', 'hashed rows', { method: 'hashing', budget: 300 }, 200, /rows of their own/],
    ['hash', 'pruned tables', { method: 'prune', budget: 300 }, 200, /rows of their own/],
    ['truncate', 'less than a float a row', {}, 20, /too small/],
    ['quantise', 'less than 4 bits', {}, 100, /rounded to 4 bits, the tables of this model take 180/],
    ['hash', 'less than a row a field', {}, 20, /the least this method can store is 24/],
  ] as const)('%s of %s', async (by, _, own, budget, message) => {
    const compression = { by, budgets: [budget], fineTuneSteps: 0 };
    await expect(train(compression, { ...own, epochs: 10_000 })).rejects.toThrow(message);
  });

  test.each([
    ['hashed rows', { method: 'hashing', budget: 300 }, undefined, /rows of their own/],
    ['pruned tables', { method: 'prune', budget: 300 }, undefined, /rows of their own/],
    ['other data', {}, tinyDataset('rating'), /whose fields are others/],
  ] as const)('a run file of %s', async (_, own, dataset, message) => {
    const { file } = await train(undefined, own);
    await expect(
      compress(file, { by: 'truncate', budgets: [200], fineTuneSteps: 0 }, dataset),
    ).rejects.toThrow(message);
  });
});
