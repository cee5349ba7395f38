import type { EmbeddingLayout } from './layout.ts';
import type { BatchData, FieldSlots } from './op.ts';
import type { Tensor } from './tensor.ts';

/** A part whose three slots are slices of tensor-train cores: [q1, r], [r, q2, r] and [r, q3], Π q = D. */
export interface TensorTrainPart extends FieldSlots {
  readonly rank: number;
  readonly factors: readonly [q1: number, q2: number, q3: number];
}

/** A part whose two slots are a base z [D] and an MLP of h hidden units: W1 [D, h], b1 [h], W2 [h, D], b2 [D]. */
export interface PathPart extends FieldSlots {
  readonly hidden: number;
}

/** Ops that compute the vectors of fields from what is stored. B, F, D as in op.ts. */
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
