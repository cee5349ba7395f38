import type { OpOf } from '../../program/op.ts';
import { groupsOfColumns, isPacked, type Kept, type Packed, UNIT_DECAY } from '../../program/packed.ts';
import { elementCount } from '../../program/tensor.ts';
import type { Kernel } from './kernels.ts';
import type { Memory } from './memory.ts';

/** Two passes: the mean, then the squares of what is left of it. */
export function measureUnits({ values, packed, batch }: OpOf<'measure-units'>, memory: Memory): Kernel {
  const X = memory.floats(values);
  const UNITS = memory.floats(packed.units);
  const [rows, columns] = packed.shape;
  const group = groupsOfColumns(packed);
  const sums = new Float64Array(packed.groups.length);
  const squares = new Float64Array(packed.groups.length);
  return ({ count }) => {
    const end = (count * rows * columns) / batch;
    sums.fill(0);
    squares.fill(0);
    for (let i = 0; i < end; i++) sums[group[i % columns]] += X[i];
    for (let g = 0; g < sums.length; g++) sums[g] /= (end / columns) * packed.groups[g];
    for (let i = 0; i < end; i++) squares[group[i % columns]] += (X[i] - sums[group[i % columns]]) ** 2;
    for (let g = 0; g < sums.length; g++) {
      const variance = squares[g] / ((end / columns) * packed.groups[g]);
      const before = UNITS[g] ** 2;
      UNITS[g] = Math.sqrt(before > 0 ? UNIT_DECAY * before + (1 - UNIT_DECAY) * variance : variance);
    }
  };
}

/**
 * q = clip(⌊(x/unit − 1e-6)·K/6⌋ + K/2, 0, K − 1), K = 2^bits. Where 0 < x/unit ≤ 1e-6 the paper's q says that x is
 * not above 0; here it says that it is, so that masks are exact.
 */
export function pack({ values, packed }: OpOf<'pack'>, memory: Memory): Kernel {
  const X = memory.floats(values);
  const CODES = memory.words(packed.codes);
  const UNITS = memory.floats(packed.units);
  const { bits, relu } = packed;
  const elements = elementCount(values);
  const columns = packed.shape[1];
  const group = groupsOfColumns(packed);
  const inWord = 32 / bits;
  const bins = 2 ** bits;
  const half = bins / 2;
  const guard = Math.fround((1e-6 * bins) / 6);
  const scales = new Float64Array(packed.groups.length);
  return () => {
    for (let g = 0; g < scales.length; g++)
      scales[g] = UNITS[g] > 0 ? Math.fround(Math.fround(bins / 6) / UNITS[g]) : 0;
    CODES.fill(0);
    for (let i = 0; i < elements; i++) {
      const x = X[i];
      const bin = Math.floor(Math.fround(Math.fround(x * scales[group[i % columns]]) - guard)) + half;
      const code = x > 0 ? Math.min(Math.max(bin, half), bins - 1) : Math.min(Math.max(bin, 0), half - 1);
      CODES[Math.floor(i / inWord)] |= code << ((i % inWord) * bits);
      if (relu && !(x > 0)) X[i] = 0;
    }
  };
}

function codeReader({ codes, bits }: Packed, memory: Memory): (element: number) => number {
  const CODES = memory.words(codes);
  const inWord = 32 / bits;
  const mask = 2 ** bits - 1;
  return (i) => (CODES[Math.floor(i / inWord)] >>> ((i % inWord) * bits)) & mask;
}

/** Element i of what was kept of a tensor. */
export function keptReader(kept: Kept, memory: Memory): (element: number) => number {
  if (!isPacked(kept)) {
    const X = memory.floats(kept);
    return (i) => X[i];
  }
  const code = codeReader(kept, memory);
  const UNITS = memory.floats(kept.units);
  const columns = kept.shape[1];
  const group = groupsOfColumns(kept);
  const half = 2 ** (kept.bits - 1);
  return (i) => {
    const q = code(i);
    return kept.relu && q < half ? 0 : ((q - half + 0.5) * 3 * UNITS[group[i % columns]]) / half;
  };
}

/** Whether element i was above 0. */
export function positiveReader(kept: Kept, memory: Memory): (element: number) => boolean {
  if (!isPacked(kept)) {
    const X = memory.floats(kept);
    return (i) => X[i] > 0;
  }
  const code = codeReader(kept, memory);
  const half = 2 ** (kept.bits - 1);
  return (i) => code(i) >= half;
}
