/** Choices that depend on the adapter, never on the result beyond rounding. */
export interface Tuning {
  /** Threads in a workgroup of the element-wise kernels. */
  readonly threads: number;
  readonly matmul: 'tiled' | 'blocked';
  /** Tile of the tiled variant: multiples of 4; tileM·tileN/16 threads. */
  readonly tileM: number;
  readonly tileN: number;
  /** Sums over the batch are split until about this many threads have work. */
  readonly busyThreads: number;
  /** Floats of the scratch that split sums may take. */
  readonly scratchElements: number;
}

export const gpuTuning: Tuning = {
  threads: 64,
  matmul: 'tiled',
  tileM: 32,
  tileN: 32,
  busyThreads: 32768,
  scratchElements: 4 * 2 ** 20,
};

/** SwiftShader, lavapipe: a thread a core, workgroup memory and barriers are what costs. */
export const softwareTuning: Tuning = {
  threads: 64,
  matmul: 'blocked',
  tileM: 32,
  tileN: 32,
  busyThreads: 256,
  scratchElements: 2 ** 20,
};
