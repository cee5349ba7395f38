import type { CodeOp } from './codeOps.ts';
import type { GradientOp } from './gradientOps.ts';
import type { EmbeddingLayout } from './layout.ts';
import type { Lookup } from './lookup.ts';
import type { SavedActivation, QuantisedActivation } from './quantisedActivation.ts';
import type { SketchOp } from './sketchOps.ts';
import type { Tensor } from './tensor.ts';
import type { ThresholdOp } from './thresholdOps.ts';
import type { VectorOp } from './vectorOps.ts';

/** B = batch, F = fields, D = base dim. Shapes are those of one batch unless they say otherwise. */

export type Activation = 'none' | 'relu';

export type Optimizer =
  | { readonly kind: 'sgd' }
  /** Element-wise on dense tensors, one accumulator per row (mean of squares, as in FBGEMM) on tables. */
  | { readonly kind: 'adagrad'; readonly epsilon: number }
  /** On tables only the rows of the batch move ("lazy"); bias correction uses the global step. */
  | {
      readonly kind: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly amsgrad: boolean;
    };

/**
 * Examples resident on the device, in slots of one batch. Slot s holds examples s·B … s·B + B − 1.
 * `plan` is the order of the embedding update, one per training slot: see training/plan.ts.
 * S = lookups: F of them, and `rows` is `ids`, where every id has its own row.
 */
export interface BatchData {
  readonly ids: Tensor; // u32[slots, B, F]
  readonly lookups: readonly Lookup[];
  readonly rows: Tensor; // `ids`, or u32[B, S] that 'locate' fills in every step
  readonly signatures: Tensor | undefined; // u32[rows of the fields that are looked up by them, 2]
  readonly numbers: Tensor | undefined; // f32[slots, B, numeric columns]
  readonly labels: Tensor; // f32[slots, B]
  readonly rowIndex: RowIndex;
}

/**
 * The lookups of a batch, sorted by (space, row, example, lookup), cut into segments of equal (space, row).
 * An occurrence is example·S + lookup. Segment k is occurrences[starts[k] … starts[k+1]).
 * `long` lists the segments with more than LONG_SEGMENT occurrences, which get a workgroup each.
 */
export interface RowIndex {
  readonly occurrences: Tensor; // u32[train slots, B·S]
  readonly starts: Tensor; // u32[train slots, B·S + 1]
  readonly long: Tensor; // u32[train slots, ⌊B·S / LONG_SEGMENT⌋ + 1]
}

/** The lookups that make the vector of one field: `lookups` of them from `lookup`, side by side in `gathered`. */
export interface FieldSlots {
  readonly field: number;
  readonly lookup: number;
  readonly lookups: number;
}

/** Segments longer than this are summed by a workgroup with a fixed tree instead of one thread. */
export const LONG_SEGMENT = 64;

export type Op =
  | VectorOp
  | GradientOp
  | ThresholdOp
  | CodeOp
  | SketchOp
  /** out[b, :] = numbers[slot, b, :]; rows at and after `count` are 0. */
  | { readonly kind: 'read-numbers'; readonly data: BatchData; readonly out: Tensor /* [B, columns] */ }
  /** y = activation(x·W + b). Codes are those of a ReLU, in one group. */
  | {
      readonly kind: 'linear';
      readonly x: SavedActivation; // [B, in]
      readonly weight: Tensor; // [in, out]
      readonly bias: Tensor; // [out]
      readonly y: Tensor; // [B, out]
      readonly activation: Activation;
    }
  /** dx = dy·Wᵀ, and 0 where mask ≤ 0 (mask: the ReLU output that x is). A mask of codes is exact. */
  | {
      readonly kind: 'linear-backward-input';
      readonly dy: Tensor; // [B, out]: gradient before the activation
      readonly weight: Tensor;
      readonly dx: Tensor; // [B, in]
      readonly mask: SavedActivation | undefined; // [B, in]
    }
  /** dW = xᵀ·dy, db = Σ_b dy, summed in a fixed order. Codes are those of a ReLU, in one group. */
  | {
      readonly kind: 'linear-backward-weight';
      readonly x: SavedActivation;
      readonly dy: Tensor;
      readonly dWeight: Tensor;
      readonly dBias: Tensor;
    }
  /**
   * deviation[g] = the running standard deviation of the group's columns: of the rows of the `count` examples that
   * count, in the first step; then variances are averaged, see UNIT_DECAY. Summed in a fixed order.
   */
  | {
      readonly kind: 'measure-deviations';
      readonly values: Tensor;
      readonly quantised: QuantisedActivation;
      readonly batch: number;
    }
  /** The codes of `values`; where quantised.relu, values = relu(values). A code's highest bit is set where a value is above 0. */
  | { readonly kind: 'quantise'; readonly values: Tensor; readonly quantised: QuantisedActivation }
  /** rows[b, s] = the row that lookup s reads for example b, from data.ids by its address. */
  | { readonly kind: 'locate'; readonly data: BatchData }
  /** gathered[b, slot s, 0 … dim) = table_block(s, row)[row − firstId, :]; the rest of the slot is 0. */
  | {
      readonly kind: 'gather';
      readonly data: BatchData;
      readonly layout: EmbeddingLayout;
      readonly tables: Tensor; // [tableElements]
      readonly gathered: Tensor; // [B, width]
    }
  /** Per part: vectors[b, field, :] = gathered[b, slot, 0 … dim) · P_block; D floats copied where there is no projection. */
  | {
      readonly kind: 'project';
      readonly data: BatchData;
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly gathered: Tensor;
      readonly projections: Tensor | undefined; // [projectionElements]
      readonly vectors: Tensor; // [B, F, D]
    }
  /** Per part: dGathered[b, slot, :] = dVectors[b, field, :] · P_blockᵀ, 0 past dim; copied where there is no projection. */
  | {
      readonly kind: 'project-backward-input';
      readonly data: BatchData;
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly dVectors: Tensor;
      readonly projections: Tensor | undefined;
      readonly dGathered: Tensor;
    }
  /** dP_block = Σ over the batch's lookups of the block: gathered ⊗ dVectors, in plan order. */
  | {
      readonly kind: 'project-backward-weight';
      readonly data: BatchData;
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      /** Codes: not of a ReLU, in a group for every slot, from left to right. */
      readonly gathered: SavedActivation;
      readonly dVectors: Tensor;
      readonly dProjections: Tensor;
    }
  /** Per part: vectors[b, field, :] = the element-wise product or sum of the part's slots of gathered. */
  | {
      readonly kind: 'combine';
      readonly combine: 'multiply' | 'add';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly gathered: Tensor;
      readonly vectors: Tensor; // [B, F, D]
    }
  /** Gradients of combine with respect to every slot. */
  | {
      readonly kind: 'combine-backward';
      readonly combine: 'multiply' | 'add';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly gathered: Tensor;
      readonly dVectors: Tensor;
      readonly dGathered: Tensor;
    }
  /** out = [bottom, ⟨t_i, t_j⟩ for i > j], t = [bottom, vectors…]; without bottom the dots alone. */
  | {
      readonly kind: 'interact';
      readonly bottom: Tensor | undefined; // [B, D]
      readonly vectors: Tensor; // [B, F, D]
      readonly out: Tensor; // [B, (D) + T(T−1)/2], T = F (+ 1)
    }
  /** Gradients of interact; dBottom is 0 where mask ≤ 0. */
  | {
      readonly kind: 'interact-backward';
      readonly bottom: Tensor | undefined;
      readonly vectors: Tensor;
      readonly dOut: Tensor;
      readonly dBottom: Tensor | undefined;
      readonly dVectors: Tensor;
      readonly mask: Tensor | undefined;
    }
  /** out[b] = mean + Σ_p dots[b, p] + Σ_f biases[b, f]; P = F(F−1)/2 pairs, 1 for users × items. */
  | {
      readonly kind: 'score';
      readonly dots: Tensor; // [B, P]
      readonly biases: Tensor; // [B, F]
      readonly mean: number;
      readonly out: Tensor; // [B, 1]
    }
  /** dDots[b, p] = dBiases[b, f] = dScore[b]. */
  | {
      readonly kind: 'score-backward';
      readonly dScore: Tensor; // [B, 1]
      readonly dDots: Tensor; // [B, P]
      readonly dBiases: Tensor; // [B, F]
    }
  /**
   * exampleLoss[b] and dPrediction[b] = ∂(mean over count)/∂prediction; both 0 at and after `count`.
   * 'log-loss': prediction is a logit, loss max(z,0) − z·y + log(1 + e^−|z|). 'squared-error': (s − y)².
   */
  | {
      readonly kind: 'loss';
      readonly loss: Loss;
      readonly data: BatchData;
      readonly prediction: Tensor; // [B, 1]
      readonly dPrediction: Tensor; // [B, 1]
      readonly exampleLoss: Tensor; // [B]
    }
  /** dVectors += 2·weight/count · vectors for b < count: the gradient of weight · mean_b Σ_f ‖e_f‖². */
  | {
      readonly kind: 'l2-penalty';
      readonly vectors: Tensor;
      readonly dVectors: Tensor;
      readonly weight: number;
    }
  /** losses[metricSlot] = Σ_b exampleLoss[b] / count. */
  | { readonly kind: 'record-loss'; readonly exampleLoss: Tensor; readonly losses: Tensor /* [slots] */ }
  /**
   * sums[metricSlot, :] = Σ loss, Σ correct at ½, Σ prediction (probability or score), Σ squared error of it;
   * 'log-loss' also counts histogram[label, ⌊probability · HISTOGRAM_BINS⌋]. Examples b < count.
   */
  | {
      readonly kind: 'accumulate-metrics';
      readonly loss: Loss;
      readonly data: BatchData;
      readonly prediction: Tensor;
      readonly exampleLoss: Tensor;
      readonly sums: Tensor; // f32[slots, 4]
      readonly histogram: Tensor; // u32[2, HISTOGRAM_BINS]
    }
  /** One optimiser step on every dense parameter: one flat tensor, one dispatch. */
  | {
      readonly kind: 'dense-update';
      readonly optimizer: Optimizer;
      readonly parameters: Tensor;
      readonly gradients: Tensor;
      readonly state: readonly Tensor[]; // sgd: []; adagrad: [sum]; adam: [m, v] or [m, v, vMax]
    }
  /** Sums each looked-up row's gradient in plan order and applies the optimiser to that row only. */
  | {
      readonly kind: 'embedding-update';
      readonly optimizer: Optimizer;
      readonly data: BatchData;
      readonly layout: EmbeddingLayout;
      readonly tables: Tensor;
      readonly dGathered: Tensor; // [B, width]
      readonly state: readonly Tensor[]; // adagrad: [sum f32[rows]]; adam: like tables
      readonly keepZeros?: boolean; // elements that are 0 stay 0
    }
  /**
   * Sets all but the Step.keep largest magnitudes of `values` to 0; where magnitudes tie, as many fewer
   * stay. The largest magnitude that goes is found digit by digit in its bits, by histograms: see PRUNE_DIGITS.
   */
  | {
      readonly kind: 'prune';
      readonly values: Tensor;
      readonly histogram: Tensor; // u32[PRUNE_BINS], 0 between ops
      readonly selection: Tensor; // u32[2]: bits of that magnitude, and how many more might have stayed
    };

export type Loss = 'log-loss' | 'squared-error';

/** Bins of predicted probability for the AUC: its error is below 1/bins for any smooth score. */
export const HISTOGRAM_BINS = 8192;

/** The 31 bits of a float's magnitude, which are ordered as magnitudes are, from the highest digit: its lowest bit and values. */
export const PRUNE_DIGITS: readonly { readonly shift: number; readonly bins: number }[] = [
  { shift: 20, bins: 2048 },
  { shift: 10, bins: 1024 },
  { shift: 0, bins: 1024 },
];
export const PRUNE_BINS = 2048;

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;
