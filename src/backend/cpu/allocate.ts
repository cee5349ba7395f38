import type { Area } from '../../program/memoryAreas.ts';
import { BackendError } from '../backend.ts';
import type { Memory } from './memory.ts';

/** Throws BackendError 'out-of-memory'. */
export function allocate(memory: Memory, area: Area): void {
  const mebibytes = Math.ceil((4 * area.elements) / 2 ** 20);
  orOutOfMemory(`${area.name} (${mebibytes} MiB)`, () => memory.allocate(area));
}

export function orOutOfMemory<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BackendError(
      'out-of-memory',
      `no memory for ${what}`,
      'Lower the memory budget or the batch, or load fewer rows.',
      cause,
    );
  }
}
