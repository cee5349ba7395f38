import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { MemoryLimits } from '../data/source.ts';

/**
 * Of this process: V8's heap limit, and the memory of the machine or, where it is less, of the container, in equal parts if there are
 * several processes that train side by side.
 */
export function readMemoryLimits(processes = 1): MemoryLimits {
  const constrained = process.constrainedMemory();
  const totalBytes = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
  return { heapBytes: getHeapStatistics().heap_size_limit, totalBytes: totalBytes / processes };
}
