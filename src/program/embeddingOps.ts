import type { EmbeddingLayout, FieldSlots } from './lookup.ts';
import type {
  BatchData,
  ElementRange,
  Optimizer,
  PathPart,
  SavedActivation,
  TensorTrainPart,
} from './operand.ts';
import type { CodeBits, Tensor } from './tensor.ts';

/** From ids to the vectors of fields and back: B = batch, F = fields, D = base dim, as in op.ts. */
export type EmbeddingOp =
  | VectorOp
  | ThresholdOp
  | CodeOp
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
  /** dP_block = Σ over the batch's lookups of the block: gathered ⊗ dVectors, in the order of the row index. */
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
  /** Sums each looked-up row's gradient in the order of the row index and applies the optimiser to that row only. */
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

/** Ops that compute the vectors of fields from what is stored. */
export type VectorOp =
  /** Per part: vectors[b, field, (a·q2 + c)·q3 + e] = Σ_s Σ_t G1[a, s] · G2[s, c, t] · G3[t, e]. */
  | {
      readonly kind: 'tensor-train';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly TensorTrainPart[];
      readonly gathered: Tensor; // [B, width]
      readonly vectors: Tensor; // [B, F, D]
    }
  /** Gradients of tensor-train with respect to every slot. */
  | {
      readonly kind: 'tensor-train-backward';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly TensorTrainPart[];
      readonly gathered: Tensor;
      readonly dVectors: Tensor;
      readonly dGathered: Tensor;
    }
  /** Per part p: hidden[b, p, 0 … h) = relu(z·W1 + b1), 0 past h; vectors[b, field, :] = hidden·W2 + b2. */
  | {
      readonly kind: 'path';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly PathPart[];
      readonly gathered: Tensor;
      readonly hidden: Tensor; // [B, parts, widest h]
      readonly vectors: Tensor;
    }
  /** Gradients of path with respect to both slots; dHidden before the activation. */
  | {
      readonly kind: 'path-backward';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly PathPart[];
      readonly gathered: Tensor;
      readonly hidden: Tensor;
      readonly dVectors: Tensor;
      readonly dHidden: Tensor; // [B, parts, widest h]
      readonly dGathered: Tensor;
    }
  /** out[b·P + p, i] = hash4(seed, f, ids[b, f], i) as one of 2²⁴ even steps of [−1, 1), f = fields[p], P of them. */
  | {
      readonly kind: 'hash-encode';
      readonly data: BatchData;
      readonly seed: number;
      readonly fields: readonly number[];
      readonly out: Tensor; // [B·P, k]
    }
  /** vectors[b, fields[p], :] = taken[b·P + p, :]. */
  | {
      readonly kind: 'put-fields';
      readonly fields: readonly number[];
      readonly taken: Tensor; // [B·P, D]
      readonly vectors: Tensor; // [B, F, D]
    }
  /** taken[b·P + p, :] = vectors[b, fields[p], :]. */
  | {
      readonly kind: 'take-fields';
      readonly fields: readonly number[];
      readonly vectors: Tensor;
      readonly taken: Tensor;
    };

/**
 * Learnt soft thresholds, one s a field: S(v, s) = sign(v)·max(|v| − σ(s), 0). Stored is u = s/rate, so
 * that s moves `rate` times as fast as other parameters do. Below FROZEN_LOGIT/2 the threshold is 0.
 */
interface Thresholds {
  readonly thresholds: Tensor; // u, [parts]
  readonly rate: number;
}

export type ThresholdOp =
  /** Per part p: vectors[b, field, :] = S(gathered[b, slot, :], s[p]). */
  | (Thresholds & {
      readonly kind: 'soft-threshold';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly gathered: Tensor; // [B, width]
      readonly vectors: Tensor; // [B, F, D]
    })
  /**
   * dGathered[b, slot, :] = dVectors[b, field, :] where |v| > σ(s), otherwise 0; dThresholds[p] = rate·(decay·s −
   * σ'(s)·Σ dVectors·sign(v)) over the same elements, in a fixed order, and 0 where the threshold is 0.
   */
  | (Thresholds & {
      readonly kind: 'soft-threshold-backward';
      readonly layout: EmbeddingLayout;
      readonly parts: readonly FieldSlots[];
      readonly gathered: Tensor;
      readonly dVectors: Tensor;
      readonly dGathered: Tensor;
      readonly dThresholds: Tensor; // [parts]
      /** λ of a penalty λ/2·s², which raises the thresholds since s is negative. */
      readonly decay: number;
    })
  /** v = S(v, s) for whole tables and s = FROZEN_LOGIT, if this leaves at most Step.enough elements that are not 0. */
  | (Thresholds & {
      readonly kind: 'freeze-thresholds';
      readonly tables: Tensor;
      readonly ranges: readonly ElementRange[]; // of `tables`, one a threshold, in order
      readonly nonZeros: Tensor; // u32[1], 0 between ops
    });

/** Tables of codes: the record of row r of a block is records[firstRow + r, :]. All blocks have one dim. */
interface CodeTables {
  readonly data: BatchData;
  readonly layout: EmbeddingLayout;
  readonly bits: CodeBits;
  readonly records: Tensor; // u32[rows, recordWords(dim, bits)]
}

type CodeOp =
  /** gathered[b, slot s, j] = Δ·q_j of the row that lookup s reads. */
  | (CodeTables & { readonly kind: 'gather-codes'; readonly gathered: Tensor /* [B, width] */ })
  /**
   * Sums each looked-up row's gradient g in the order of the row index, moves w = Δ·q by the optimiser, Δ along LSQ's gradient
   * G = Σ_j g_j·d_j, and rounds stochastically: q = ⌊w/Δ + u⌋ within the limit, u from pcg4d of
   * (row, ⌊j/4⌋, step, seed). d = round(w/Δ) − w/Δ within the limit, ±limit beyond (Esser et al. 2019, eq. 3).
   * Δ takes a step relative to itself, Δ·(1 − SCALE_RATE·G/(limit·Σ_j |g_j|)): one of the size of the
   * learning rate, as an element takes, would be larger than Δ.
   */
  | (CodeTables & {
      readonly kind: 'update-codes';
      readonly optimizer: Optimizer;
      readonly seed: number;
      readonly dGathered: Tensor; // [B, width]
      readonly state: readonly Tensor[]; // adagrad: [sum f32[rows]]; adam: f32[rows·dim]
    });
