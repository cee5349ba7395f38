import type { Allocation } from '../compression/allocation.ts';
import type { ProgramBuilder } from '../program/builder.ts';
import type { Tensor } from '../program/tensor.ts';
import type { ModelId, TableInit } from '../settings/settings.ts';
import type { Placement } from './placeFields.ts';
import type { BatchData, Optimizer } from '../program/operand.ts';

/** Everything that decides a program. Same spec, same program. */
export interface ModelSpec {
  readonly model: ModelId;
  /** Rows per categorical field. */
  readonly cardinalities: readonly number[];
  readonly numericColumns: number;
  /** Mean training label: μ of matrix factorisation. */
  readonly labelMean: number;
  /** u32[rows, 2] of the fields that are looked up by them, one field after the other; if there are any. */
  readonly signatures?: Uint32Array | undefined;
  /** Integer dims. */
  readonly allocation: Allocation;
  /** Of the allocation, where it is known: see placeFields. */
  readonly placement?: Placement | undefined;
  /** Hidden widths; D is appended to the bottom, 1 to the top. Unused by matrix factorisation. */
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  readonly tableInit: TableInit;
  readonly optimizer: Optimizer;
  /** Of what is drawn while it trains: how codes are rounded. */
  readonly seed?: number;
  /** Where fields learn thresholds. */
  readonly threshold?: ThresholdRule;
  /** Weight w of mean_b Σ_f ‖e_f‖²; matrix factorisation only. */
  readonly l2: number;
  /** B: examples in a step. */
  readonly batch: number;
  /** Batch slots with a row index, and all of them (evaluation slots come last). */
  readonly trainSlots: number;
  readonly dataSlots: number;
  /** Rows of the `sums` tensor: batches of the largest split that is evaluated. */
  readonly evaluationSlots: number;
}

/** What every model is built with: the data it reads and the builder it adds to. */
export interface ModelContext {
  readonly spec: ModelSpec;
  readonly builder: ProgramBuilder;
  readonly data: BatchData;
  readonly placement: Placement;
}

/** A model's contribution: its prediction and, once the loss has run, what continues backward. */
export interface ModelForward {
  readonly prediction: Tensor; // [B, 1]
  /** Appends the ops from the prediction's gradient to the last optimiser update. */
  backward(dPrediction: Tensor): void;
}

/** How the thresholds of fields are learnt: s = rate·u starts at `start`, with a penalty decay/2·s². */
export interface ThresholdRule {
  readonly start: number;
  readonly rate: number;
  readonly decay: number;
}
