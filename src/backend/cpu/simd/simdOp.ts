import type { OpKind, OpOf } from '../../../program/op.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { BoundOp } from '../kernels.ts';
import type { Memory } from '../memory.ts';
import type { LinearMemory } from './linearMemory.ts';
import type { KernelExports } from './module.ts';

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
  /** Sizes in bytes of the scratch areas that `make` is given the addresses of; shared with every other op. */
  scratch(op: OpOf<K>): readonly number[];
  make(op: OpOf<K>, context: SimdContext, scratch: readonly number[]): BoundOp;
}

/** f32[steps, 8]. */
export const panelBytes = (steps: number): number => 32 * steps;

/** Column tiles of eight. */
export const tiles = (columns: number): number => Math.ceil(columns / 8);
