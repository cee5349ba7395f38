import type { BatchData } from '../../../program/op.ts';
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

/** Copies the rows u32[B, S] of a batch, which are data or made by 'locate', to `address`. */
export function rowsCopier(data: BatchData, address: number, context: SimdContext): (slot: number) => void {
  const [B, S] = data.rows.shape.slice(-2);
  const copy = batchCopier(data.rows, address, B * S, context);
  return data.rows === data.ids ? copy : () => copy(0);
}
