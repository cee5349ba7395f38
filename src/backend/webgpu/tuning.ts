/** Of shaders/matmul_tiled.wgsl: multiples of 4; tileM·tileN/16 threads. */
export interface Tiles {
  readonly tileM: number;
  readonly tileN: number;
}

/** Choices that depend on the adapter, never on the result beyond rounding. */
export interface Tuning extends Tiles {
  /** Threads in a workgroup of the element-wise kernels. */
  readonly threads: number;
  /** See shaders/matmul_*.wgsl; 'quads' needs the feature 'subgroups'. */
  readonly matmul: 'tiled' | 'blocked' | 'quads';
  /** Threads in a workgroup of a product by blocks or by quads. */
  readonly matmulThreads: number;
  /** Sums over the batch are split until about this many threads have work. */
  readonly busyThreads: number;
  /** Floats of the scratch that split sums may take. */
  readonly scratchElements: number;
}

/** What tuneTiles chooses from; the first is the default. */
export const tileChoices: readonly Tiles[] = [
  { tileM: 32, tileN: 32 },
  { tileM: 64, tileN: 64 },
];

export const gpuTuning: Tuning = {
  threads: 64,
  matmul: 'tiled',
  matmulThreads: 64,
  ...tileChoices[0],
  busyThreads: 32768,
  scratchElements: 4 * 2 ** 20,
};

/** SwiftShader, lavapipe: a thread a core, workgroup memory and barriers are what costs. */
export const softwareTuning: Tuning = {
  threads: 64,
  matmul: 'blocked',
  matmulThreads: 64,
  ...tileChoices[0],
  busyThreads: 256,
  scratchElements: 2 ** 20,
};

/** The same with subgroups of four threads or more, as both have today. */
export const softwareQuadTuning: Tuning = { ...softwareTuning, matmul: 'quads', matmulThreads: 16 };

/** What is chosen for a device by its kind alone. Software adapters need no more: see shaders/matmul_quads.wgsl. */
export function tuningFor(software: boolean, features: ReadonlySet<string>): Tuning {
  if (!software) return gpuTuning;
  return features.has('subgroups') ? softwareQuadTuning : softwareTuning;
}
