import type { BenchmarkCase, ContenderId } from './cases.ts';
import type { BenchmarkProgress, BenchmarkResult } from './result.ts';
import type { BenchmarkOptions } from './runCase.ts';

export interface CaseRequest {
  readonly benchmark: BenchmarkCase;
  readonly contenders: readonly ContenderId[];
  readonly options: BenchmarkOptions;
}

/** From the worker of a case to the page. */
export type CaseMessage =
  | { readonly kind: 'progress'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'results'; readonly results: readonly BenchmarkResult[] }
  | { readonly kind: 'error'; readonly message: string };
