// npm run bench:stored -- --data FILE [--steps 200] [--rounds 3]: training from a file against training from memory, in turns.
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import { fingerprintOf } from '../../src/data/fingerprint.ts';
import { load } from '../../src/data/load.ts';
import { defaultLoadOptions } from '../../src/data/source.ts';
import { openStored } from '../../src/data/stored/datasetFile.ts';
import { writeDataset } from '../../src/data/stored/datasetWriter.ts';
import type { ReadableDataset } from '../../src/data/stored/exampleReader.ts';
import { NodeStorage } from '../../src/data/stored/nodeStorage.ts';
import { defaultSettings } from '../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../src/training/batches/deviceBatches.ts';
import { EpochOrder } from '../../src/training/batches/windows.ts';
import { planRun } from '../../src/training/plan/planRun.ts';
import { prepareRun } from '../../src/training/plan/prepareRun.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    steps: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
  },
});
if (values.data === undefined) {
  console.error('Give --data, a file: npm run bench:logs makes one.');
  process.exit(2);
}

/** Milliseconds of processor time a step over rings, whose batches are read anew at every step. */
async function timeSteps(dataset: ReadableDataset, steps: number): Promise<number> {
  const backend = createCpuBackend();
  const batchCache = new DeviceBatchesCache(0);
  const settings = { ...defaultSettings, batch: 2048, budget: 1_000_000 };
  const run = await prepareRun(planRun({ settings, dataset, backend, batchCache }));
  const order = new EpochOrder(run.layout.windows, settings.seed);
  const before = process.cpuUsage();
  for (let step = 0; step < steps; step++) {
    const batch = run.batches.trainBatch(order.batchAt(0, step % order.batches));
    run.execution.run('train', [{ ...batch, step: step + 1, learningRate: 1e-3, metricSlot: 0 }]);
    await run.execution.read(run.program.losses, 0, 1);
  }
  const { user, system } = process.cpuUsage(before);
  run.execution.destroy();
  batchCache.destroy();
  backend.destroy();
  return (user + system) / 1000 / steps;
}

const folder = mkdtempSync(join(tmpdir(), 'dimmer-bench-'));
try {
  const source = Object.assign(await openAsBlob(values.data), { name: basename(values.data) });
  const dataset = await load(source, defaultLoadOptions);
  const storage = new NodeStorage(folder);
  const identified = { ...dataset, fingerprint: await fingerprintOf(dataset) };
  await writeDataset(await storage.create('data'), identified);
  const stored = await openStored(storage, 'data');
  const steps = Number(values.steps);
  console.log(
    `${dataset.examples.toLocaleString('en')} examples, ${stored.pages.layout.rowBytes} bytes a row in the file`,
  );
  const least = { memory: Infinity, file: Infinity };
  for (let round = 1; round <= Number(values.rounds); round++) {
    const fromMemory = await timeSteps(dataset, steps);
    const fromFile = await timeSteps(stored, steps);
    least.memory = Math.min(least.memory, fromMemory);
    least.file = Math.min(least.file, fromFile);
    console.log(
      `round ${round}: ${fromMemory.toFixed(2)} ms of processor time a step from memory, ` +
        `${fromFile.toFixed(2)} from the file: ${(fromMemory / fromFile).toFixed(3)} of the rate; load ${loadavg()[0].toFixed(1)}`,
    );
  }
  console.log(
    `least: ${least.memory.toFixed(2)} and ${least.file.toFixed(2)} ms, ${(least.memory / least.file).toFixed(3)} of the rate`,
  );
  stored.close();
} finally {
  rmSync(folder, { recursive: true });
}
