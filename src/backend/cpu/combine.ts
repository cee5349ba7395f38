import type { EmbeddingLayout } from '../../program/layout.ts';
import type { OpOf, FieldSlots } from '../../program/op.ts';
import type { BoundOp } from './kernels.ts';
import type { Memory } from './memory.ts';

/** Offsets of a part's slots in a gathered row. */
function slotsOf({ lookups }: EmbeddingLayout, part: FieldSlots): readonly number[] {
  return lookups.slice(part.lookup, part.lookup + part.lookups).map(({ slotOffset }) => slotOffset);
}

export function combine(op: OpOf<'combine'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const V = memory.floats(op.vectors);
  const [B, F, D] = op.vectors.shape;
  const isProduct = op.combine === 'multiply';
  const slots = parts.map((part) => slotsOf(layout, part));
  return () => {
    for (let b = 0; b < B; b++) {
      const from = b * layout.width;
      parts.forEach(({ field }, p) => {
        const to = (b * F + field) * D;
        for (let j = 0; j < D; j++) {
          let value = isProduct ? 1 : 0;
          for (const slot of slots[p]) {
            const s = S[from + slot + j];
            value = isProduct ? value * s : value + s;
          }
          V[to + j] = value;
        }
      });
    }
  };
}

/** The product of the other factors is taken anew: dividing by a factor fails where it is 0. */
export function combineBackward(op: OpOf<'combine-backward'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const DV = memory.floats(op.dVectors);
  const DS = memory.floats(op.dGathered);
  const [B, F, D] = op.dVectors.shape;
  const isProduct = op.combine === 'multiply';
  const slots = parts.map((part) => slotsOf(layout, part));
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach(({ field }, p) => {
        const from = (b * F + field) * D;
        for (const own of slots[p]) {
          for (let j = 0; j < D; j++) {
            let value = DV[from + j];
            if (isProduct) for (const slot of slots[p]) if (slot !== own) value *= S[row + slot + j];
            DS[row + own + j] = value;
          }
        }
      });
    }
  };
}
