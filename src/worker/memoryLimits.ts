import type { MemoryLimits } from '../data/source.ts';

/** Where the browser does not say: the heap of a 64-bit tab, and what a machine with 8 GB leaves to one. */
export const usualLimits: MemoryLimits = { heapBytes: 2 ** 31, totalBytes: 2 ** 33 };

/** Of this tab. Chromium says both; deviceMemory is in GiB, rounded and at most 8 or 32. */
export function readMemoryLimits(): MemoryLimits {
  const { memory } = performance as { memory?: { readonly jsHeapSizeLimit: number } };
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return {
    heapBytes: memory?.jsHeapSizeLimit ?? usualLimits.heapBytes,
    totalBytes: deviceMemory === undefined ? usualLimits.totalBytes : deviceMemory * 2 ** 30,
  };
}
