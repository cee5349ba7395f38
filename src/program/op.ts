import type { EmbeddingOp } from './embeddingOps.ts';
import type {
  Activation,
  BatchData,
  BiasSum,
  GradientFactors,
  GradientPiece,
  Loss,
  Optimizer,
  QuantisedActivation,
  SavedActivation,
} from './operand.ts';
import type { Tensor } from './tensor.ts';

/**
 * The ops that a program is a straight line of, and what each of them computes. An op reads and writes tensors
 * (tensor.ts); what else it takes is in operand.ts. It knows no field names, no model and no device.
 * Every op exists as plain loops in backend/cpu, which are the reference, and as kernels in backend/webgpu; a
 * parity test compares the two. There is no automatic differentiation: whoever appends an op to the forward pass
 * appends its backward op too. A compression method adds ops, or puts others in their place; approximateActivations
 * and streamGradients rewrite a finished program. dataflow.ts says what each op overwrites, and memory.ts shares
 * memory by it: a new op needs a line there, one in each backend, and cases in the parity test.
 *
 * B = batch, F = fields, D = base dim. Shapes are those of one batch unless they say otherwise.
 */

export type Op =
  | EmbeddingOp
  | GradientOp
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
   * deviation[g] = the running standard deviation of the group's columns: of the rows of the first `count` examples in the
   * first step; after that variances are averaged, see VARIANCE_DECAY. Summed in a fixed order.
   */
  | {
      readonly kind: 'measure-deviations';
      readonly values: Tensor;
      readonly quantised: QuantisedActivation;
      readonly batch: number;
    }
  /** The codes of `values`; where quantised.relu, values = relu(values). A code's highest bit is set where a value is above 0. */
  | { readonly kind: 'quantise'; readonly values: Tensor; readonly quantised: QuantisedActivation }
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
  /** out = offset + factor·x, element by element; with offset 0 also the gradient of that. */
  | {
      readonly kind: 'rescale';
      readonly x: Tensor; // [B, 1]
      readonly factor: number;
      readonly offset: number;
      readonly out: Tensor; // [B, 1]
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
  /**
   * Bayesian personalised ranking, Rendle et al. 2009: −log σ(s⁺ − s⁻), of groups of 1 + `negatives` examples, the positive first.
   * exampleLoss[b] is 0 at positives and (1 + negatives)/negatives · log(1 + e^(s⁻ − s⁺)) at negatives, so that its mean over count,
   * a multiple of 1 + negatives, is the mean over pairs; dPrediction is its gradient. Both are 0 after the last whole group.
   */
  | {
      readonly kind: 'pairwise-loss';
      readonly negatives: number;
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
  /** predictions[metricSlot, b] = prediction[b]; those at and after `count` mean nothing. */
  | {
      readonly kind: 'record-predictions';
      readonly prediction: Tensor; // [B, 1]
      readonly predictions: Tensor; // [slots, B]
    }
  /** One optimiser step on every dense parameter: one flat tensor, one dispatch. */
  | {
      readonly kind: 'dense-update';
      readonly optimizer: Optimizer;
      readonly parameters: Tensor;
      readonly gradients: Tensor;
      readonly state: readonly Tensor[]; // sgd: []; adagrad: [sum]; adam: [m, v] or [m, v, vMax]
    };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

/** Ops on the gradients of dense layers as factors of low rank: see streamGradients.ts. */
export type GradientOp =
  /**
   * One half of a block power step: v_c = keep·basis_c + gain·step_c/σ_c, made orthonormal from c = 0 on by
   * classical Gram–Schmidt, twice: a thin QR whose R has a positive diagonal, which carries signs from step to
   * step. Where σ is 0, the step is left out; a v_c in the span of those before it gives way to what
   * they leave of the first unit vector e_c, e_(c+1), … that is not.
   * With `measures`, σ_c = keep·σ_c + gain·⟨basis_c, step_c⟩ then.
   */
  | {
      readonly kind: 'refine-basis';
      readonly basis: Tensor; // [n, k] or, with `along` 'rows', [k, n]
      readonly along: 'columns' | 'rows';
      readonly step: Tensor; // like basis
      readonly sigma: Tensor; // [k]
      readonly keep: number;
      readonly gain: number;
      readonly measures: boolean;
      readonly bias: BiasSum | undefined;
    }
  /**
   * energies[i] = (‖g‖², ‖right·g‖², ‖g − ĝ‖²) of row i of the batch's gradient G = xᵀ·dy and of Ĝ = left·diag(σ)·right:
   * all of it, what lies in the span of the right factors, and what Ĝ misses. G itself is nowhere. Only in steps that measure.
   */
  | {
      readonly kind: 'measure-gradient';
      readonly x: SavedActivation; // [B, in]
      readonly dy: Tensor; // [B, out]
      readonly factors: GradientFactors;
      readonly energies: Tensor; // [in, 3]
    }
  /** The optimiser step of 'dense-update', whose gradient is made element by element from factors. */
  | {
      readonly kind: 'factored-update';
      readonly optimizer: Optimizer;
      readonly parameters: Tensor;
      /** Of the exact pieces, one after the other. */
      readonly gradients: Tensor;
      /** The storage of all factors. */
      readonly factors: Tensor;
      /** From the first element of `parameters` to the last. */
      readonly pieces: readonly GradientPiece[];
      readonly state: readonly Tensor[]; // as of 'dense-update'
    };

/** Ops on whole tables, run beside training: see Execution.attach. */
export type SketchOp =
  /** sketch[b, :] = Σ ±table[i, :] over the rows i of bucket b: see analysis/countSketch.ts. */
  | ({ readonly kind: 'count-sketch' } & TableSketch)
  /** sketch[s, :] = Σ of ±row s of a transform of every block of rows: see analysis/srht.ts. */
  | ({ readonly kind: 'srht' } & TableSketch)
  /** norms[i] = factors[i]²·‖table[i, :]·change‖²: the leverage of a row, for a change that whitens the table. */
  | {
      readonly kind: 'row-norms';
      readonly table: Tensor; // [rows, columns]
      readonly factors: Tensor | undefined; // [rows]
      readonly change: Tensor; // [columns, width]
      readonly norms: Tensor; // [rows]
    };

/** Of the rows alike, and in the same op of rows times factors. */
interface TableSketch {
  readonly table: Tensor; // [rows, columns]
  readonly seed: number;
  readonly sketch: Tensor; // [sketch rows, columns]
  readonly weighted: WeightedSketch | undefined;
}

export interface WeightedSketch {
  readonly factors: Tensor; // [rows]
  readonly sketch: Tensor; // [sketch rows, columns]
}
