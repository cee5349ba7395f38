import type { KernelTime } from '../backend/webgpu/profile.ts';

/**
 * One library on one device, training one workload. Step n (from 0) uses batch n mod BATCHES;
 * steps are asked for in order, each once.
 */
export interface Contender {
  /** What exactly is running, for people: 'tfjs 4.22.0', 'CPU, WebAssembly SIMD', … */
  readonly version: string;
  /** What it has allocated for the case, where it can say. */
  readonly allocatedBytes?: number;
  /** Trains `count` steps and returns the loss of the last, read back once after all of them. */
  train(count: number): Promise<number>;
  /** Trains one more step with GPU time taken around every kernel; null where that cannot be had. */
  profile?(): Promise<readonly KernelTime[] | null>;
  destroy(): void;
}
