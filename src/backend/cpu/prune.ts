import { type OpOf, PRUNE_DIGITS } from '../../program/op.ts';
import type { BoundOp } from './kernels.ts';
import type { Floats, Memory } from './memory.ts';

/** Costs four passes over the values, however many of them change. */
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
