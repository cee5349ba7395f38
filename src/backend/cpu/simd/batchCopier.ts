import type { Tensor } from '../../../program/tensor.ts';
import type { SimdContext } from './simdOp.ts';

/**
 * Data lies outside the linear memory, once for all runs: copies the words of one batch, u32[words]
 * of u32[slots, words], to `address`.
 */
export function batchCopier(
  tensor: Tensor,
  address: number,
  words: number,
  { memory, linear }: SimdContext,
): (slot: number) => void {
  const all = memory.words(tensor);
  const copy = new Uint32Array(linear.memory.buffer, address, words);
  return (slot) => copy.set(all.subarray(slot * words, (slot + 1) * words));
}
