import type { BenchmarkProgress, BenchmarkResult } from './result.ts';

/** From the worker of a series to the page; the page sends it one Series. */
export type SeriesMessage =
  | { readonly kind: 'progress'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'results'; readonly results: readonly BenchmarkResult[] }
  | { readonly kind: 'error'; readonly message: string };
