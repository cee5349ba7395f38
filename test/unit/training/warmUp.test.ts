import { expect, test } from 'vitest';
import { whitening } from '../../../src/analysis/leverage.ts';
import { multiply } from '../../../src/analysis/matrix.ts';
import { distortionBound, type SketchKind, fillSketch, sketchOf } from '../../../src/analysis/sketch.ts';
import { decompose } from '../../../src/analysis/spectrum.ts';
import { triangularFactor } from '../../../src/analysis/triangularFactor.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { popularityBlocks } from '../../../src/compression/popularityBlocks.ts';
import { loadSample } from '../../../src/data/load.ts';
import { storedBlocks } from '../../../src/model/storedBlocks.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import { unscheduled } from '../../../src/training/loop/scheduling.ts';
import { EpochOrder } from '../../../src/training/batches/windows.ts';
import { Schedule } from '../../../src/training/loop/schedule.ts';
import { trainRun } from '../../../src/training/train.ts';
import { warmUp } from '../../../src/training/loop/warmUp.ts';
import { tinyDataset } from './tinyDataset.ts';
import { planRun } from '../../../src/training/plan/planRun.ts';
import { prepareRun } from '../../../src/training/plan/prepareRun.ts';
import type { BlockEnergies } from '../../../src/compression/method.ts';

const dataset = tinyDataset('click');
const backend = createCpuBackend();
const settings: Settings = {
  ...defaultSettings,
  allocation: 'spectral',
  warmupSteps: 12,
  blocks: 2,
  budget: 300,
  batch: 48,
  epochs: 2,
  patience: 0,
};

async function train(own: Settings, signal?: AbortSignal) {
  for await (const event of trainRun({ settings: own, dataset, backend, signal }))
    if (event.kind === 'finished') return event.result;
  throw new Error('the run did not finish');
}

test('a spectral run keeps to its budget, and is the same twice', async () => {
  const [result, again] = [await train(settings), await train(settings)];
  expect(result.allocation.parameters).toBeLessThanOrEqual(300);
  expect(result.reason).toBe('completed');
  expect(again.allocation).toEqual(result.allocation);
  expect(again.metrics).toEqual(result.metrics);
  const { dims } = (await train({ ...settings, allocation: 'popularity' })).allocation;
  expect(result.allocation.dims).not.toEqual(dims);
});

test('spectra come one a popularity block, of at most as many directions as rows', async () => {
  const batchCache = new DeviceBatchesCache();
  const steps = warmUp({ settings, dataset, backend, batchCache }, { scheduling: unscheduled() });
  let spectra: readonly BlockEnergies[] | undefined;
  const seen: number[] = [];
  for (;;) {
    const { value, done } = await steps.next();
    if (done) {
      spectra = value as readonly BlockEnergies[];
      break;
    }
    if (value.kind === 'warming-up') seen.push(value.step);
  }
  expect(seen.at(-1)).toBe(settings.warmupSteps);
  expect(spectra!.map(({ field }) => field)).toEqual([0, 0, 1, 1, 2, 2]);
  for (const [i, { energies }] of spectra!.entries()) {
    expect(energies.length).toBeLessThanOrEqual(popularityBlocks(dataset.fields, 2)[i].rows);
    expect([...energies]).toEqual([...energies].sort((a, b) => b - a));
  }
});

test('a run that is stopped while it warms up ends at once', async () => {
  const abort = new AbortController();
  const kinds: string[] = [];
  for await (const { kind } of trainRun({ settings, dataset, backend, signal: abort.signal })) {
    kinds.push(kind);
    abort.abort('stopped');
  }
  expect(kinds).toEqual(['warming-up']);
});

test('trained tables of the clicks sample keep the distortion that their sketches state', async () => {
  const clicks = loadSample('clicks');
  const batchCache = new DeviceBatchesCache();
  const plan = planRun({
    settings: { ...defaultSettings, method: 'uniform', budget: 121_768 },
    dataset: clicks,
    backend,
    batchCache,
  });
  const { program, layout, allocation, execution, batches: deviceBatches } = await prepareRun(plan);
  const schedule = new Schedule(new EpochOrder(layout.windows, 1), 1, 60);
  for (let step = 1; step <= 60; step++) {
    const batch = deviceBatches.trainBatch(schedule.batchOf(step));
    execution.run('train', [{ ...batch, step, learningRate: 1e-3, metricSlot: 0 }]);
  }
  const longest = storedBlocks(program, allocation)
    .toSorted((a, b) => b.table.shape[0] - a.table.shape[0])
    .slice(0, 3);
  for (const { table } of longest) {
    const [rows, columns] = table.shape;
    const matrix = { rows, columns, values: (await execution.read(table)) as Float32Array };
    const change = whitening(triangularFactor(matrix));
    for (const kind of Object.keys(fillSketch) as SketchKind[]) {
      const sketch = sketchOf(kind, matrix, { rows: 1024, seed: 1 });
      const { singularValues } = decompose(triangularFactor(multiply(sketch, change)));
      const bound = distortionBound(kind, 1024, columns);
      for (const value of singularValues) expect(Math.abs(value ** 2 - 1)).toBeLessThan(bound);
    }
  }
});
