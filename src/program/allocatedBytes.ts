import type { Role } from './tensor.ts';

/**
 * What allocated memory is for. 'shared': activations and gradients in areas that they share;
 * 'scratch': what kernels work in, and the gaps between tensors, which no tensor stands for.
 */
export type MemoryUse = Role | 'shared' | 'scratch';

/** All that a backend allocates for a program; 'checkpoint' is the copy of the parameters that `save` makes. */
export type AllocatedBytes = Readonly<Record<MemoryUse | 'checkpoint', number>>;

/** The peak: nothing is allocated and freed in the course of a run but the checkpoint, which stays. */
export function totalBytes(bytes: AllocatedBytes): number {
  return Object.values(bytes).reduce((sum, each) => sum + each, 0);
}

/** Without the examples, which stay on the device only where there is room, and change no number. */
export function bytesBesideData(bytes: AllocatedBytes): number {
  return totalBytes(bytes) - bytes.data;
}

export function noBytes(): Record<MemoryUse, number> {
  return {
    parameter: 0,
    'optimizer-state': 0,
    gradient: 0,
    activation: 0,
    shared: 0,
    scratch: 0,
    data: 0,
    metric: 0,
    constant: 0,
  };
}
