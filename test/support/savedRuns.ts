import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { encodeRun, type SavableRun } from '../../src/training/weights/runFile.ts';
import { trainRun } from '../../src/training/train.ts';
import { tinyDataset, tinySettings } from '../unit/training/tinyDataset.ts';
import { blobOf } from './tensorFiles.ts';

/** Trains on the tiny data set and saves: the bytes of the run file. */
export async function saveTinyRun(
  settings: Partial<Settings>,
  dataset: Dataset = tinyDataset('click'),
  onTrained?: (run: SavableRun) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  let file = blobOf();
  const events = trainRun({
    settings: { ...tinySettings, epochs: 2, ...settings },
    dataset,
    backend: createCpuBackend(),
    async onTrained(run) {
      file = blobOf(...(await encodeRun(run, { fingerprint: 'print' })));
      await onTrained?.(run);
    },
  });
  for await (const event of events) if (event.kind === 'finished') return file.bytes();
  throw new Error('The run did not finish.');
}
