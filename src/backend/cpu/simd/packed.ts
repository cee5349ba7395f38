import { groupsOfColumns, isPacked, type Kept, UNIT_DECAY } from '../../../program/packed.ts';
import { elementCount } from '../../../program/tensor.ts';
import type { SimdContext, SimdOp } from './simdOp.ts';

/** Address, bits (0: floats) and the address of the units. */
export function keptOperand(
  kept: Kept,
  address: SimdContext['address'],
): readonly [kept: number, bits: number, units: number] {
  return isPacked(kept) ? [address(kept.codes), kept.bits, address(kept.units)] : [address(kept), 0, 0];
}

export const measureUnits: SimdOp<'measure-units'> = {
  scratch: () => [],
  make({ values, packed, batch }, { kernels, address, memory }) {
    const X = address(values);
    const units = memory.floats(packed.units);
    const [rows, columns] = packed.shape;
    return ({ count }) => {
      const own = (count * rows) / batch;
      let first = X;
      packed.groups.forEach((width, group) => {
        const variance = kernels.deviation(first, 4 * columns, own, width) ** 2;
        const before = units[group] ** 2;
        units[group] = Math.sqrt(before > 0 ? UNIT_DECAY * before + (1 - UNIT_DECAY) * variance : variance);
        first += 4 * width;
      });
    };
  },
};

export const pack: SimdOp<'pack'> = {
  scratch: ({ packed }) => [4 * (packed.shape[1] + 8)],
  make({ values, packed }, { kernels, address, memory, linear }, [scales]) {
    const { bits, codes, relu } = packed;
    const [X, CODES] = [values, codes].map(address);
    const units = memory.floats(packed.units);
    const elements = elementCount(values);
    const columns = packed.shape[1];
    const groups = groupsOfColumns(packed);
    const perUnit = Math.fround(2 ** bits / 6);
    const table = new Float32Array(linear.memory.buffer, scales, columns + 8);
    return () => {
      for (let i = 0; i < table.length; i++) {
        const unit = units[groups[i % columns]];
        table[i] = unit > 0 ? perUnit / unit : 0;
      }
      kernels.pack(X, CODES, elements, columns, bits, scales, relu ? 1 : 0);
    };
  },
};
