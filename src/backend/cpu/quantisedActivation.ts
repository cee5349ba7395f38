import type { OpOf } from '../../program/op.ts';
import {
  groupsOfColumns,
  isQuantised,
  type QuantisedActivation,
  type SavedActivation,
  VARIANCE_DECAY,
} from '../../program/operand.ts';
import { elementCount } from '../../program/tensor.ts';
import type { BoundOp, Memory } from './memory.ts';

/** In two passes: the mean, then the squares of differences from it. */
export function measureDeviations(
  { values, quantised, batch }: OpOf<'measure-deviations'>,
  memory: Memory,
): BoundOp {
  const X = memory.floats(values);
  const DEVIATIONS = memory.floats(quantised.deviations);
  const [rows, columns] = quantised.shape;
  const group = groupsOfColumns(quantised);
  const sums = new Float64Array(quantised.groups.length);
  const squares = new Float64Array(quantised.groups.length);
  return ({ count }) => {
    const end = (count * rows * columns) / batch;
    sums.fill(0);
    squares.fill(0);
    for (let i = 0; i < end; i++) sums[group[i % columns]] += X[i];
    for (let g = 0; g < sums.length; g++) sums[g] /= (end / columns) * quantised.groups[g];
    for (let i = 0; i < end; i++) squares[group[i % columns]] += (X[i] - sums[group[i % columns]]) ** 2;
    for (let g = 0; g < sums.length; g++) {
      const variance = squares[g] / ((end / columns) * quantised.groups[g]);
      const before = DEVIATIONS[g] ** 2;
      DEVIATIONS[g] = Math.sqrt(
        before > 0 ? VARIANCE_DECAY * before + (1 - VARIANCE_DECAY) * variance : variance,
      );
    }
  };
}

/**
 * q = clip(⌊(x/deviation − 1e-6)·K/6⌋ + K/2, 0, K − 1), K = 2^bits. Where 0 < x/deviation ≤ 1e-6 the paper's q says that x is
 * not above 0; here it says that it is, so that masks are exact.
 */
export function quantise({ values, quantised }: OpOf<'quantise'>, memory: Memory): BoundOp {
  const X = memory.floats(values);
  const CODES = memory.words(quantised.codes);
  const DEVIATIONS = memory.floats(quantised.deviations);
  const { bits, relu } = quantised;
  const elements = elementCount(values);
  const columns = quantised.shape[1];
  const group = groupsOfColumns(quantised);
  const inWord = 32 / bits;
  const bins = 2 ** bits;
  const half = bins / 2;
  const guard = Math.fround((1e-6 * bins) / 6);
  const scales = new Float64Array(quantised.groups.length);
  return () => {
    for (let g = 0; g < scales.length; g++)
      scales[g] = DEVIATIONS[g] > 0 ? Math.fround(Math.fround(bins / 6) / DEVIATIONS[g]) : 0;
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

function codeReader({ codes, bits }: QuantisedActivation, memory: Memory): (element: number) => number {
  const CODES = memory.words(codes);
  const inWord = 32 / bits;
  const mask = 2 ** bits - 1;
  return (i) => (CODES[Math.floor(i / inWord)] >>> ((i % inWord) * bits)) & mask;
}

/** Reads element i of a saved activation. */
export function savedReader(saved: SavedActivation, memory: Memory): (element: number) => number {
  if (!isQuantised(saved)) {
    const X = memory.floats(saved);
    return (i) => X[i];
  }
  const code = codeReader(saved, memory);
  const DEVIATIONS = memory.floats(saved.deviations);
  const columns = saved.shape[1];
  const group = groupsOfColumns(saved);
  const half = 2 ** (saved.bits - 1);
  return (i) => {
    const q = code(i);
    return saved.relu && q < half ? 0 : ((q - half + 0.5) * 3 * DEVIATIONS[group[i % columns]]) / half;
  };
}

/** Tells whether element i of a saved activation was above 0. */
export function positiveReader(saved: SavedActivation, memory: Memory): (element: number) => boolean {
  if (!isQuantised(saved)) {
    const X = memory.floats(saved);
    return (i) => X[i] > 0;
  }
  const code = codeReader(saved, memory);
  const half = 2 ** (saved.bits - 1);
  return (i) => code(i) >= half;
}
