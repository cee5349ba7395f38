import { Pace } from '../data/containers/pace.ts';
import type { Dataset } from '../data/dataset.ts';
import { writeDataset } from '../data/stored/datasetWriter.ts';
import { reopen } from '../data/stored/readWhole.ts';
import type { DatasetStorage } from '../data/stored/storage.ts';
import type { LoadedDataset } from './protocol.ts';

/**
 * Keeps a data set that was loaded under its fingerprint, so that it is there after a reload. Rejects with DataError where there is no
 * room or no storage, and with the signal's reason; nothing is left then.
 */
export async function keepDataset(
  storage: DatasetStorage,
  dataset: Dataset & { readonly fingerprint: string },
  signal: AbortSignal,
): Promise<void> {
  await storage.sweep();
  if (await storage.blob(dataset.fingerprint)) return;
  const file = await storage.create(dataset.fingerprint);
  const pace = new Pace(signal);
  await writeDataset(file, dataset, { rest: () => pace.pause() });
}

/** What was kept: small ones in memory, others to be opened where they are trained on. Rejects with DataError. */
export async function reopenKept(storage: DatasetStorage, file: string): Promise<LoadedDataset> {
  const dataset = await reopen(storage, file);
  if (!('pages' in dataset)) return { ...dataset, fingerprint: file };
  const { pages: _, close, ...stored } = dataset;
  close();
  return stored;
}
