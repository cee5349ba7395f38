import type { EmbeddingLayout } from './layout.ts';
import type { FieldSlots } from './op.ts';
import type { Tensor } from './tensor.ts';

/**
 * Learnt soft thresholds, one s a field: S(v, s) = sign(v)·max(|v| − σ(s), 0). Stored is u = s/rate, so
 * that s moves `rate` times as fast as other parameters do. Below HARD_LOGIT/2 the threshold is 0.
 */
interface Thresholds {
  readonly thresholds: Tensor; // u, [parts]
  readonly rate: number;
}

/** Deep below every logit that is learnt: a field whose elements have been thresholded for good. */
export const HARD_LOGIT = -160;

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
  /** v = S(v, s) for whole tables and s = HARD_LOGIT, if this leaves at most Step.enough elements that are not 0. */
  | (Thresholds & {
      readonly kind: 'freeze-thresholds';
      readonly tables: Tensor;
      readonly ranges: readonly ElementRange[]; // of `tables`, one a threshold, in order
      readonly nonZeros: Tensor; // u32[1], 0 between ops
    });

export interface ElementRange {
  readonly offset: number;
  readonly elements: number;
}
