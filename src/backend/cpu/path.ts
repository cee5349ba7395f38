import type { OpOf } from '../../program/op.ts';
import type { PathPart } from '../../program/operand.ts';
import type { BoundOp, Memory } from './memory.ts';

/** Where a part's base and the arrays of its MLP begin in a gathered row. */
function offsetsOf(
  { layout }: OpOf<'path'> | OpOf<'path-backward'>,
  { lookup, hidden }: PathPart,
  dim: number,
) {
  const z = layout.lookups[lookup].slotOffset;
  const w1 = layout.lookups[lookup + 1].slotOffset;
  const b1 = w1 + dim * hidden;
  const w2 = b1 + hidden;
  return { z, w1, b1, w2, b2: w2 + hidden * dim };
}

export function path(op: OpOf<'path'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const H = memory.floats(op.hidden);
  const V = memory.floats(op.vectors);
  const [B, F, D] = op.vectors.shape;
  const [, P, widest] = op.hidden.shape;
  const offsets = parts.map((part) => offsetsOf(op, part, D));
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach(({ field, hidden }, p) => {
        const { z, w1, b1, w2, b2 } = offsets[p];
        const units = (b * P + p) * widest;
        for (let i = 0; i < hidden; i++) {
          let sum = S[row + b1 + i];
          for (let k = 0; k < D; k++) sum += S[row + z + k] * S[row + w1 + k * hidden + i];
          H[units + i] = sum > 0 ? sum : 0;
        }
        H.fill(0, units + hidden, units + widest);
        const to = (b * F + field) * D;
        for (let j = 0; j < D; j++) {
          let sum = S[row + b2 + j];
          for (let i = 0; i < hidden; i++) sum += H[units + i] * S[row + w2 + i * D + j];
          V[to + j] = sum;
        }
      });
    }
  };
}

export function pathBackward(op: OpOf<'path-backward'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const H = memory.floats(op.hidden);
  const DV = memory.floats(op.dVectors);
  const DH = memory.floats(op.dHidden);
  const DS = memory.floats(op.dGathered);
  const [B, F, D] = op.dVectors.shape;
  const [, P, widest] = op.hidden.shape;
  const offsets = parts.map((part) => offsetsOf(op, part, D));
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach(({ field, hidden }, p) => {
        const { z, w1, b1, w2, b2 } = offsets[p];
        const units = (b * P + p) * widest;
        const g = (b * F + field) * D;
        for (let i = 0; i < hidden; i++) {
          const h = H[units + i];
          let sum = 0;
          for (let j = 0; j < D; j++) {
            sum += DV[g + j] * S[row + w2 + i * D + j];
            DS[row + w2 + i * D + j] = h * DV[g + j];
          }
          const d = h > 0 ? sum : 0;
          DH[units + i] = d;
          DS[row + b1 + i] = d;
        }
        DH.fill(0, units + hidden, units + widest);
        for (let j = 0; j < D; j++) DS[row + b2 + j] = DV[g + j];
        for (let k = 0; k < D; k++) {
          const zk = S[row + z + k];
          let sum = 0;
          for (let i = 0; i < hidden; i++) {
            const d = DH[units + i];
            sum += d * S[row + w1 + k * hidden + i];
            DS[row + w1 + k * hidden + i] = d * zk;
          }
          DS[row + z + k] = sum;
        }
      });
    }
  };
}
