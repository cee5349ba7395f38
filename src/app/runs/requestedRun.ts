import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { SampleId } from '../../data/load.ts';
import type { Settings } from '../../settings/settings.ts';

/** A run that was asked for: queued, in progress or replaced. */
export interface RequestedRun {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
  readonly datasetKey: string;
  /** Instead of training: how another run's model is compressed. The settings are that run's, at the new budget. */
  readonly compression?: CompressionOrder;
  /** A rung of a search: left after this step, and no result. */
  readonly untilStep?: number;
  /** null: it was asked for directly, and is not repeated if another run replaces it. */
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

/** The request alone, without the fields of a run that has begun. */
export function requestOf<R extends RequestedRun>({
  id,
  name,
  settings,
  datasetKey,
  compression,
  untilStep,
  queued,
}: R): Pick<R, keyof RequestedRun> {
  const rest = { ...(compression && { compression }), ...(untilStep !== undefined && { untilStep }) };
  return { id, name, settings, datasetKey, queued, ...rest };
}

/** The choices that the page offers: rounding “none” shows a rule, and nothing could be trained with it. */
export function trainableChoices<C extends { readonly value: string }>(
  name: keyof Settings,
  choices: readonly C[],
): readonly C[] {
  return name === 'rounding' ? choices.filter(({ value }) => value !== 'none') : choices;
}

/** Settings of another program, or of an old link, with dims that can be trained. */
export function trainable(settings: Settings): Settings {
  return settings.rounding === 'none' ? { ...settings, rounding: 'integer' } : settings;
}

let lastRun = 0;

/** Unique among the runs of this browser; crypto.randomUUID is missing on plain http. */
export function makeRunId(): string {
  lastRun++;
  return `${Date.now().toString(36)}-${lastRun.toString(36)}`;
}
