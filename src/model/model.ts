import type { Allocation } from '../compression/allocation.ts';
import type { Optimizer } from '../program/op.ts';
import type { Program } from '../program/program.ts';
import type { ModelId, TableInit } from '../settings/settings.ts';

/** Everything that decides a program. Same spec, same program. */
export interface ModelSpec {
  readonly model: ModelId;
  /** Rows per categorical field. */
  readonly cardinalities: readonly number[];
  readonly numericColumns: number;
  /** Mean training label: μ of matrix factorisation. */
  readonly labelMean: number;
  /** Integer dims. */
  readonly allocation: Allocation;
  /** Hidden widths; D is appended to the bottom, 1 to the top. Unused by matrix factorisation. */
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  readonly tableInit: TableInit;
  readonly optimizer: Optimizer;
  /** Weight w of mean_b Σ_f ‖e_f‖²; matrix factorisation only. */
  readonly l2: number;
  /** B: examples in a step. */
  readonly batch: number;
  /** Batch slots with an update plan, and all of them (evaluation slots come last). */
  readonly trainSlots: number;
  readonly dataSlots: number;
  /** Rows of the `sums` tensor: batches of the largest split that is evaluated. */
  readonly evaluationSlots: number;
}

export declare function buildModel(spec: ModelSpec): Program;
