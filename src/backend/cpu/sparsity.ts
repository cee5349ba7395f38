import type { OpOf } from '../../program/op.ts';
import { FROZEN_LOGIT, PRUNE_DIGITS } from '../../program/operand.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';

/** Takes four passes over the values, however many of them change. */
export function prune(op: OpOf<'prune'>, memory: Memory): BoundOp {
  const values = memory.floats(op.values);
  const histogram = memory.words(op.histogram);
  const selection = memory.words(op.selection);
  return ({ keep = 0 }) => {
    const bits = magnitudeBits(values);
    selection.set([0, keep]);
    for (const { shift, bins } of PRUNE_DIGITS) {
      const above = shift + Math.log2(bins);
      const [prefix] = selection;
      for (let i = 0; i < bits.length; i++) {
        const magnitude = bits[i] & 0x7fffffff;
        // A shift by 31 leaves nothing of a magnitude, and so the highest digit counts them all.
        if (magnitude >>> above === prefix >>> above) histogram[(magnitude >>> shift) & (bins - 1)]++;
      }
      select(histogram, selection, bins, shift);
      histogram.fill(0);
    }
    const [largestGone] = selection;
    for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7fffffff) <= largestGone) values[i] = 0;
  };
}

/** The digit whose elements cannot all stay beside those of the digits above it. */
function select(histogram: Uint32Array, selection: Uint32Array, bins: number, shift: number): void {
  let left = selection[1];
  let bin = bins - 1;
  while (bin > 0 && histogram[bin] <= left) left -= histogram[bin--];
  selection[0] |= bin << shift;
  selection[1] = left;
}

/** The bits as float32; the lowest 31 are the magnitude. */
function magnitudeBits(values: Floats): Uint32Array {
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}

/** σ(s), exactly 0 where float32 could not hold e^−s. */
function thresholdOf(logit: number): number {
  return logit < FROZEN_LOGIT / 2 ? 0 : 1 / (1 + Math.exp(-logit));
}

function shrink(value: number, threshold: number): number {
  return Math.sign(value) * Math.max(0, Math.abs(value) - threshold);
}

export function softThreshold(op: OpOf<'soft-threshold'>, memory: Memory): BoundOp {
  const { layout, parts, rate } = op;
  const S = memory.floats(op.gathered);
  const U = memory.floats(op.thresholds);
  const V = memory.floats(op.vectors);
  const [B, F, D] = op.vectors.shape;
  return () =>
    parts.forEach(({ field, lookup }, p) => {
      const threshold = thresholdOf(rate * U[p]);
      const { slotOffset } = layout.lookups[lookup];
      for (let b = 0; b < B; b++) {
        const from = b * layout.width + slotOffset;
        const to = (b * F + field) * D;
        for (let j = 0; j < D; j++) V[to + j] = shrink(S[from + j], threshold);
      }
    });
}

export function softThresholdBackward(op: OpOf<'soft-threshold-backward'>, memory: Memory): BoundOp {
  const { layout, parts, rate, decay } = op;
  const S = memory.floats(op.gathered);
  const U = memory.floats(op.thresholds);
  const DV = memory.floats(op.dVectors);
  const DS = memory.floats(op.dGathered);
  const DU = memory.floats(op.dThresholds);
  const [B, F, D] = op.dVectors.shape;
  return () =>
    parts.forEach(({ field, lookup }, p) => {
      const logit = rate * U[p];
      const threshold = thresholdOf(logit);
      const { slotOffset } = layout.lookups[lookup];
      let along = 0;
      for (let b = 0; b < B; b++) {
        const at = b * layout.width + slotOffset;
        const from = (b * F + field) * D;
        for (let j = 0; j < D; j++) {
          const value = S[at + j];
          const passes = Math.abs(value) > threshold;
          DS[at + j] = passes ? DV[from + j] : 0;
          if (passes) along += DV[from + j] * Math.sign(value);
        }
      }
      const slope = threshold * (1 - threshold);
      DU[p] = threshold === 0 ? 0 : rate * (decay * logit - slope * along);
    });
}

/** Passes over whole tables twice: to count, and to change them. */
export function freezeThresholds(op: OpOf<'freeze-thresholds'>, memory: Memory): BoundOp {
  const { ranges, rate } = op;
  const tables = memory.floats(op.tables);
  const U = memory.floats(op.thresholds);
  return ({ enough = 0 }) => {
    const limits = ranges.map((_, p) => thresholdOf(rate * U[p]));
    const above = (p: number): number => {
      const { offset, elements } = ranges[p];
      let count = 0;
      for (let i = offset; i < offset + elements; i++) if (Math.abs(tables[i]) > limits[p]) count++;
      return count;
    };
    if (ranges.reduce((sum, _, p) => sum + above(p), 0) > enough) return;
    ranges.forEach(({ offset, elements }, p) => {
      for (let i = offset; i < offset + elements; i++) tables[i] = shrink(tables[i], limits[p]);
      U[p] = FROZEN_LOGIT / rate;
    });
  };
}
