import type { OpKind, OpOf } from '../../../program/op.ts';
import type { BatchData } from '../../../program/operand.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { BoundOp, Memory } from '../memory.ts';
import type { KernelExports, LinearMemory } from './linearMemory.ts';

export interface SimdContext {
  readonly kernels: KernelExports;
  /** Byte address of a tensor; 0 for one that is not there. */
  readonly address: (tensor: Tensor | undefined) => number;
  /** Every tensor's array, of those outside the linear memory too. */
  readonly memory: Memory;
  readonly linear: LinearMemory;
}

/** An op that runs in WebAssembly: the tensors it names, except data, are in the linear memory. */
export interface SimdOp<K extends OpKind> {
  /** Whether the kernel can run this op of its kind; absent: all of them. */
  suits?(op: OpOf<K>): boolean;
  /** Sizes in bytes of the scratch regions that `make` is given the addresses of; shared with every other op. */
  scratch(op: OpOf<K>): readonly number[];
  make(op: OpOf<K>, context: SimdContext, scratch: readonly number[]): BoundOp;
}

/** f32[steps, 8]. */
export const panelBytes = (steps: number): number => 32 * steps;

/** Column tiles of eight. */
export const tiles = (columns: number): number => Math.ceil(columns / 8);

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
