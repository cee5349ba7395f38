import { checkCompression, type Compression, compressTrained } from './compressTrained.ts';
import type { TrainingEvent } from '../events.ts';
import type { RunMeans } from '../loop/prepareRun.ts';
import { openRun } from './runFile.ts';
import { loadWeights } from './trainedWeights.ts';

/** The events of compressTrained, of a run file; bit for bit those of the run that was saved. Throws TrainingError, BackendError, AllocationError. */
export async function* compressRun(
  file: Blob,
  compression: Compression,
  means: RunMeans,
): AsyncGenerator<TrainingEvent, void, void> {
  const weights = await loadWeights(await openRun(file), means);
  checkCompression(compression, { ...weights, dataset: means.dataset });
  yield* compressTrained(weights, compression, means);
}
