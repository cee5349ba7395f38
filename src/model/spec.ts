import type { Allocation } from '../compression/allocation.ts';
import type { ProgramBuilder } from '../program/builder.ts';
import type { Tensor } from '../program/tensor.ts';
import type { ModelId, RankingLossId, TableInit } from '../settings/settings.ts';
import type { Placement } from './placeFields.ts';
import type { BatchData, Optimizer } from '../program/operand.ts';

/** Everything that decides a program: the same spec gives the same program. */
export interface ModelSpec {
  readonly model: ModelId;
  /** How many ids every categorical field has. */
  readonly cardinalities: readonly number[];
  readonly numericColumns: number;
  /** Mean training label: μ of matrix factorisation. */
  readonly labelMean: number;
  /** DLRM predicts a number instead of a click; undefined: a click. */
  readonly regression?: LabelScale | undefined;
  /** u32[rows, 2]: of the fields that are looked up by signature, one field after the other; undefined: there are none. */
  readonly signatures?: Uint32Array | undefined;
  /** Its dims must be integers. */
  readonly allocation: Allocation;
  /** The placement of the allocation, if it is known already: see placeFields. */
  readonly placement?: Placement | undefined;
  /** Hidden widths. A last layer of width D is added at the bottom, of width 1 at the top. Matrix factorisation uses neither. */
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  /** Hidden widths of NCF, whose last layer has width 1. */
  readonly ncfMlp?: readonly number[];
  /** Groups of a positive and its sampled negatives; undefined: every example has a label of its own. */
  readonly ranking?: RankingLoss | undefined;
  readonly tableInit: TableInit;
  readonly optimizer: Optimizer;
  /** Seed of what is drawn while it trains: how codes are rounded. */
  readonly seed?: number;
  /** Needed if fields learn thresholds. */
  readonly threshold?: ThresholdRule;
  /** Weight w of mean_b Σ_f ‖e_f‖²; DLRM has none. */
  readonly l2: number;
  /** B: examples in a step. */
  readonly batch: number;
  /** How many batch slots have a row index, and how many there are in all. Slots without one come last, for evaluation. */
  readonly trainSlots: number;
  readonly dataSlots: number;
  /** Rows of the `predictions` tensor: the most batches that are evaluated before they are read. */
  readonly evaluationSlots: number;
}

/** Of the training labels. */
export interface LabelScale {
  readonly mean: number;
  /** Standard deviation, above 0. */
  readonly deviation: number;
}

/** How models learn from what happened alone. Examples come in groups of a positive and its negatives, the positive first. */
export interface RankingLoss {
  readonly loss: RankingLossId;
  /** Of every positive. */
  readonly negatives: number;
}

/** What every model is built with: the data it reads and the builder it adds to. */
export interface ModelContext {
  readonly spec: ModelSpec;
  readonly builder: ProgramBuilder;
  readonly data: BatchData;
  readonly placement: Placement;
}

/** What a model adds to the program: its prediction, and what follows the loss in the backward pass. */
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
