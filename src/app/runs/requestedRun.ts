import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { SampleId } from '../../data/load.ts';
import type { Settings } from '../../settings/settings.ts';

/** A run as it is asked for, of the engine or of the queue. */
export interface RequestedRun {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
  readonly datasetKey: string;
  /** What is made of another run's model, instead of training; the settings are those of that run, at this budget. */
  readonly compression?: CompressionOrder;
  /** null: asked for now, and gone when another takes its place. */
  readonly queued: QueuePlace | null;
}

export interface CompressionOrder {
  /** The run whose model it is. */
  readonly from: string;
  readonly by: CompressionWayId;
  readonly budget: number;
  readonly fineTuneSteps: number;
}

/** What a run that waits its turn is stored with. */
export interface QueuePlace {
  /** Runs go from low to high. */
  readonly order: number;
  /** The comparison it is a part of; null: a run by itself. */
  readonly comparison: string | null;
  /** Of the data it waits for, to say what has to be loaded again. */
  readonly datasetName: string;
  readonly sample: SampleId | null;
}

export type QueuedRun = RequestedRun & { readonly queued: QueuePlace };

export const isQueued = <R extends RequestedRun>(run: R): run is R & QueuedRun => run.queued !== null;

/** Without what has become of it since. */
export function requestOf<R extends RequestedRun>({
  id,
  name,
  settings,
  datasetKey,
  compression,
  queued,
}: R): Pick<R, keyof RequestedRun> {
  return { id, name, settings, datasetKey, queued, ...(compression && { compression }) };
}

/** What the engine is told: dims that are not integers can be looked at, but not trained. */
export function trainable(settings: Settings): Settings {
  return settings.rounding === 'none' ? { ...settings, rounding: 'integer' } : settings;
}

let lastRun = 0;

/** Unique among the runs of this browser; crypto.randomUUID is missing on plain http. */
export function makeRunId(): string {
  lastRun++;
  return `${Date.now().toString(36)}-${lastRun.toString(36)}`;
}
