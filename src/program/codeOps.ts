import type { CodeBits } from './codes.ts';
import type { EmbeddingLayout } from './layout.ts';
import type { BatchData, Optimizer } from './op.ts';
import type { Tensor } from './tensor.ts';

/** Tables of codes: the record of row r of a block is records[firstRow + r, :]. All blocks have one dim. */
interface CodeTables {
  readonly data: BatchData;
  readonly layout: EmbeddingLayout;
  readonly bits: CodeBits;
  readonly records: Tensor; // u32[rows, recordWords(dim, bits)]
}

export type CodeOp =
  /** gathered[b, slot s, j] = Δ·q_j of the row that lookup s reads. */
  | (CodeTables & { readonly kind: 'gather-codes'; readonly gathered: Tensor /* [B, width] */ })
  /**
   * Sums each looked-up row's gradient g in plan order, moves w = Δ·q by the optimiser, Δ along LSQ's gradient
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

/** By how much Δ grows in an update when every element lies beyond the limit and wants to go further. */
export const SCALE_RATE = 0.25;
