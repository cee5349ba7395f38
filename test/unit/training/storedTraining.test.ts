import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset, Task } from '../../../src/data/dataset.ts';
import { fingerprintOf } from '../../../src/data/fingerprint.ts';
import { openStored } from '../../../src/data/stored/datasetFile.ts';
import { writeDataset } from '../../../src/data/stored/datasetWriter.ts';
import { PAGE_EXAMPLES } from '../../../src/data/stored/examplePages.ts';
import type { OpenDataset, ReadableDataset } from '../../../src/data/stored/exampleReader.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import { trainRun } from '../../../src/training/train.ts';
import { MemoryFiles } from '../../support/memoryFiles.ts';
import { tinyDataset, tinySettings } from './tinyDataset.ts';

async function store(dataset: Dataset): Promise<OpenDataset> {
  const storage = new MemoryFiles();
  const fingerprint = await fingerprintOf(dataset);
  await writeDataset(await storage.create('one'), { ...dataset, fingerprint });
  return openStored(storage, 'one');
}

/** The losses of all steps and the metrics of all evaluations, with windows of one page. */
async function train(dataset: ReadableDataset, settings: Settings, residentBytes: number) {
  const backend = createCpuBackend();
  const batchCache = new DeviceBatchesCache(residentBytes, 1);
  const told: unknown[] = [];
  for await (const event of trainRun({ settings, dataset, backend, batchCache })) {
    if (event.kind === 'progress') told.push(...event.losses);
    if (event.kind === 'evaluation') told.push(event.split, event.metrics);
    if (event.kind === 'finished') told.push(event.result.metrics);
  }
  batchCache.destroy();
  backend.destroy();
  return told;
}

const cases = fc.record({
  task: fc.constantFrom<Task>('click', 'rating'),
  examples: fc.constantFrom(
    600,
    Math.ceil(PAGE_EXAMPLES / 0.8),
    Math.ceil((PAGE_EXAMPLES + 1) / 0.8),
    3 * PAGE_EXAMPLES,
  ),
  batch: fc.constantFrom(256, 1000, 5000),
  residentBytes: fc.constantFrom(0, 2 ** 30),
  method: fc.constantFrom<Settings['method']>('uniform', 'lma'),
  seed: fc.nat(100),
});

describe('a data set in a file', () => {
  test('gives the losses and metrics of the same one in memory to the bit, whatever its windows', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ task, examples, batch, residentBytes, method, seed }) => {
        const dataset = tinyDataset(task, examples);
        const settings = { ...tinySettings, method, batch, seed, epochs: 2 };
        const stored = await store(dataset);
        const told = await train(stored, settings, residentBytes);
        expect(told.length).toBeGreaterThan(2);
        expect(told).toEqual(await train(dataset, settings, residentBytes));
        stored.close();
      }),
      { numRuns: 12 },
    );
  });
});
