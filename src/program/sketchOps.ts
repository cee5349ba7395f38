import type { Tensor } from './tensor.ts';

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

/** Ops on a program's tensors and on some of their own, whose names are others; no op reads or writes the examples. */
export interface Addition {
  readonly tensors: readonly Tensor[];
  readonly ops: readonly SketchOp[];
}
