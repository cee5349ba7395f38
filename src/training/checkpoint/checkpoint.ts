import type { BlockEnergies } from '../../compression/method.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RunStage, TrainedOn } from '../events/events.ts';
import type { RunSize } from '../plan/planRun.ts';
import type { CarriedState } from '../weights/modelState.ts';

/**
 * All that a run needs to go on between two steps, to the bits of a run that was never interrupted, where data and device are the
 * same. Random draws depend on seed and step alone, so there is no generator to keep.
 */
export interface Checkpoint {
  /** As the run was asked for, whatever size it has now. */
  readonly asked: Settings;
  /** Of its warm-up, which is not made again. */
  readonly spectra: readonly BlockEnergies[] | undefined;
  readonly size: RunSize;
  readonly position: RunPosition;
  /** Mean training loss of every step so far. */
  readonly losses: Float32Array; // [position.step]
  /** Weights, optimiser state, factors of gradients: by tensor. */
  readonly state: CarriedState;
  /** The parameters with the best validation loss so far, by tensor; undefined: none yet. */
  readonly best: CarriedState | undefined;
  readonly changes: MadeChanges;
}

/** Where a run is. */
export interface RunPosition {
  /** Steps done. */
  readonly step: number;
  readonly totalSteps: number;
  readonly validatedStep: number;
  /** Whether an evaluation comes before the next step: the size was just changed. */
  readonly isEvaluationDue: boolean;
  readonly search: Search;
  /** The training loss that counts as diverged; undefined before the first step. */
  readonly divergenceLimit: number | undefined;
  /** On the validation split, in their order. */
  readonly evaluations: readonly Evaluated[];
  readonly stages: readonly RunStage[];
  readonly trainedOn: readonly TrainedOn[];
  readonly trainingMs: number;
  readonly elapsedMs: number;
}

export interface Evaluated {
  readonly step: number;
  readonly metrics: Metrics;
}

/** How far the search for the best weights is. */
export interface Search {
  readonly best: Evaluated | undefined;
  readonly evaluationsSinceBest: number;
}

/** A size, and what the run had learnt when it left it. */
export interface SizedState {
  readonly size: RunSize;
  readonly state: CarriedState;
}

/** Where a run is in its changes of size. */
export interface MadeChanges {
  /** Made or refused. */
  readonly taken: number;
  /** What undo goes back to, oldest first. */
  readonly history: readonly SizedState[];
}

/** Keeps the checkpoints of a run. It decides when, and changes no number. */
export interface CheckpointKeeper {
  /** Whether the run is to keep one after the step that it has done, which may be its last. */
  isDue(step: number): boolean;
  /** Training goes on while it is written. `copyingMs`: what it took to copy it from the device. */
  keep(checkpoint: Checkpoint, copyingMs: number): void;
  /** Resolves when none is being written. */
  settled(): Promise<void>;
}
