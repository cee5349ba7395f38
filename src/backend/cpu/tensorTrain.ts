import type { OpOf } from '../../program/op.ts';
import type { TensorTrainPart } from '../../program/operand.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';

type TensorTrainOp = OpOf<'tensor-train'> | OpOf<'tensor-train-backward'>;

/** Offsets of a part's three slots in a gathered row. */
function slotsOf({ layout }: TensorTrainOp, { lookup }: TensorTrainPart): readonly number[] {
  return [0, 1, 2].map((core) => layout.lookups[lookup + core].slotOffset);
}

/** Room for the product of two cores of any part: [q1·q2, r]. */
function roomFor({ parts }: TensorTrainOp): Float64Array {
  return new Float64Array(Math.max(...parts.map(({ rank, factors: [q1, q2] }) => q1 * q2 * rank)));
}

/** product[a, c, t] = Σ_s G1[a, s] · G2[s, c, t], from gathered rows that begin at `first` and `second`. */
function multiplyCores(
  product: Float64Array,
  S: Floats,
  first: number,
  second: number,
  { rank, factors: [q1, q2] }: TensorTrainPart,
): void {
  const columns = q2 * rank;
  product.fill(0, 0, q1 * columns);
  for (let a = 0; a < q1; a++) {
    for (let s = 0; s < rank; s++) {
      const left = S[first + a * rank + s];
      const right = second + s * columns;
      for (let ct = 0; ct < columns; ct++) product[a * columns + ct] += left * S[right + ct];
    }
  }
}

export function tensorTrain(op: OpOf<'tensor-train'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const V = memory.floats(op.vectors);
  const [B, F, D] = op.vectors.shape;
  const slots = parts.map((part) => slotsOf(op, part));
  const product = roomFor(op);
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach((part, p) => {
        const { field, rank, factors } = part;
        const q3 = factors[2];
        const [first, second, third] = slots[p];
        multiplyCores(product, S, row + first, row + second, part);
        const to = (b * F + field) * D;
        for (let j = 0; j < D; j++) {
          const left = Math.floor(j / q3) * rank;
          const right = row + third + (j % q3);
          let sum = 0;
          for (let t = 0; t < rank; t++) sum += product[left + t] * S[right + t * q3];
          V[to + j] = sum;
        }
      });
    }
  };
}

/** With g = dVectors and H = g·G3ᵀ [q1·q2, r]: dG1 = H·G2ᵀ, dG2 = G1ᵀ·H, dG3 = (G1·G2)ᵀ·g. */
export function tensorTrainBackward(op: OpOf<'tensor-train-backward'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const DV = memory.floats(op.dVectors);
  const DS = memory.floats(op.dGathered);
  const [B, F, D] = op.dVectors.shape;
  const slots = parts.map((part) => slotsOf(op, part));
  const product = roomFor(op);
  const H = roomFor(op);
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach((part, p) => {
        const { field, rank, factors } = part;
        const [q1, q2, q3] = factors;
        const [first, second, third] = slots[p].map((slot) => row + slot);
        const g = (b * F + field) * D;
        const columns = q2 * rank;
        for (let ac = 0; ac < q1 * q2; ac++) {
          for (let t = 0; t < rank; t++) {
            let sum = 0;
            for (let e = 0; e < q3; e++) sum += DV[g + ac * q3 + e] * S[third + t * q3 + e];
            H[ac * rank + t] = sum;
          }
        }
        for (let s = 0; s < rank; s++) {
          for (let a = 0; a < q1; a++) {
            let sum = 0;
            for (let ct = 0; ct < columns; ct++) sum += H[a * columns + ct] * S[second + s * columns + ct];
            DS[first + a * rank + s] = sum;
          }
          for (let ct = 0; ct < columns; ct++) {
            let sum = 0;
            for (let a = 0; a < q1; a++) sum += S[first + a * rank + s] * H[a * columns + ct];
            DS[second + s * columns + ct] = sum;
          }
        }
        multiplyCores(product, S, first, second, part);
        for (let t = 0; t < rank; t++) {
          for (let e = 0; e < q3; e++) {
            let sum = 0;
            for (let ac = 0; ac < q1 * q2; ac++) sum += product[ac * rank + t] * DV[g + ac * q3 + e];
            DS[third + t * q3 + e] = sum;
          }
        }
      });
    }
  };
}
