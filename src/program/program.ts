import type { Op, SketchOp } from './op.ts';
import type { BatchData } from './operand.ts';
import type { Tensor } from './tensor.ts';

/**
 * Straight lines of ops. 'train' is one whole step: forward, backward, update. 'prune' runs between
 * steps, on a schedule of its own; empty where a method prunes nothing.
 */
export type Section = 'train' | 'evaluate' | 'prune';

/**
 * Everything a backend needs to run a model, and nothing of where it came from.
 * Plain data: it can be printed, compared, and rewritten by transformations.
 */
export interface Program {
  readonly batch: number;
  /** Every tensor that an op names, bases before their views. */
  readonly tensors: readonly Tensor[];
  readonly sections: Readonly<Record<Section, readonly Op[]>>;
  readonly data: BatchData;
  /** f32[LOSS_SLOTS]: mean training loss of the step with that metricSlot. */
  readonly losses: Tensor;
  /** f32[evaluation slots, B]: the predictions of the evaluated step with that metricSlot. */
  readonly predictions: Tensor;
  /** The prediction of the last section run, [B, 1]. */
  readonly prediction: Tensor;
  /** Of every layer whose gradient has factors: see streamGradients. */
  readonly spectra?: readonly GradientSpectrum[];
}

export interface GradientSpectrum {
  readonly layer: string;
  readonly sigma: Tensor; // [k]
  readonly energies: Tensor; // [in, 3], as of the last step that measured
}

/** Ops on a program's tensors and on some of their own, whose names are others; no op reads or writes the examples. */
export interface Addition {
  readonly tensors: readonly Tensor[];
  readonly ops: readonly SketchOp[];
}

/** Training losses are read back in rings of this many steps. */
export const LOSS_SLOTS = 4096;

/** What differs from one step of a section to the next. */
export interface Step {
  /** Batch slot of the resident data, and for training of the row index. */
  readonly slot: number;
  /** Examples in the batch that count; the others are ignored. */
  readonly count: number;
  /** Segments and long segments in the slot's row index; 0 for 'evaluate'. */
  readonly segments: number;
  readonly longSegments: number;
  readonly learningRate: number;
  /** 1 for the first training step. */
  readonly step: number;
  /** Where losses (train) or predictions (evaluate) go. */
  readonly metricSlot: number;
  /** Elements that 'prune' leaves. */
  readonly keep?: number;
  /** 'freeze-thresholds' freezes when at most so many elements are above their thresholds. */
  readonly enough?: number;
  /** Whether 'measure-gradient' measures. */
  readonly measures?: boolean;
}

/** The step of ops that read no batch. */
export const betweenSteps: Step = {
  slot: 0,
  count: 0,
  segments: 0,
  longSegments: 0,
  learningRate: 0,
  step: 1,
  metricSlot: 0,
};
