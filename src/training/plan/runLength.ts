import type { ReadableDataset } from '../../data/stored/exampleReader.ts';
import type { BackendId, Settings } from '../../settings/settings.ts';
import { layOutWindows } from '../batches/windows.ts';
import { resolveSettings } from './resolveSettings.ts';

/** How long a run is, and the rate at which it learns. */
export interface RunLength {
  /** Steps of a run that nothing ends early. */
  readonly totalSteps: number;
  readonly evaluateEvery: number;
  readonly learningRate: number;
}

/** Without planning the run. A memory limit may still lower its batch. Throws TrainingError. */
export function lengthOfRun(settings: Settings, data: ReadableDataset, backend: BackendId): RunLength {
  const { epochs, batch, evaluateEvery, learningRate } = resolveSettings(settings, data, backend);
  const totalSteps = epochs * layOutWindows(data.splits.train, batch).batches;
  return { totalSteps, evaluateEvery, learningRate };
}
