import {
  groupsOfColumns,
  isQuantised,
  type SavedActivation,
  VARIANCE_DECAY,
} from '../../../program/operand.ts';
import { elementCount } from '../../../program/tensor.ts';
import type { SimdContext, SimdOp } from './simdOp.ts';

/** Address, bits (0: floats) and the address of the deviations. */
export function savedOperand(
  saved: SavedActivation,
  address: SimdContext['address'],
): readonly [saved: number, bits: number, deviations: number] {
  return isQuantised(saved)
    ? [address(saved.codes), saved.bits, address(saved.deviations)]
    : [address(saved), 0, 0];
}

export const measureDeviations: SimdOp<'measure-deviations'> = {
  scratch: () => [],
  make({ values, quantised, batch }, { kernels, address, memory }) {
    const X = address(values);
    const deviations = memory.floats(quantised.deviations);
    const [rows, columns] = quantised.shape;
    return ({ count }) => {
      const own = (count * rows) / batch;
      let first = X;
      quantised.groups.forEach((width, group) => {
        const variance = kernels.deviation(first, 4 * columns, own, width) ** 2;
        const before = deviations[group] ** 2;
        deviations[group] = Math.sqrt(
          before > 0 ? VARIANCE_DECAY * before + (1 - VARIANCE_DECAY) * variance : variance,
        );
        first += 4 * width;
      });
    };
  },
};

export const quantise: SimdOp<'quantise'> = {
  scratch: ({ quantised }) => [4 * (quantised.shape[1] + 8)],
  make({ values, quantised }, { kernels, address, memory, linear }, [scales]) {
    const { bits, codes, relu } = quantised;
    const [X, CODES] = [values, codes].map(address);
    const deviations = memory.floats(quantised.deviations);
    const elements = elementCount(values);
    const columns = quantised.shape[1];
    const groups = groupsOfColumns(quantised);
    const perDeviation = Math.fround(2 ** bits / 6);
    const table = new Float32Array(linear.memory.buffer, scales, columns + 8);
    return () => {
      for (let i = 0; i < table.length; i++) {
        const deviation = deviations[groups[i % columns]];
        table[i] = deviation > 0 ? perDeviation / deviation : 0;
      }
      kernels.quantise(X, CODES, elements, columns, bits, scales, relu ? 1 : 0);
    };
  },
};
