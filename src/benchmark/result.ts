import type { KernelTime } from '../backend/webgpu/execution.ts';
import type { ContenderId } from './cases.ts';
import type { Work } from './work.ts';

/** One contender on one case. Times are per training step. */
export interface BenchmarkResult {
  readonly case: string;
  readonly library: string;
  readonly backend: string;
  readonly batch: number;
  /** Of the largest field. */
  readonly rows: number;
  /** Over the rounds; null unless the outcome is 'measured'. */
  readonly medianMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  /** With the first contender of the case, over the first steps; null: nobody to compare with. */
  readonly lossesAgree: boolean | null;
  readonly adapter: string;
  readonly version: string;
  readonly outcome: Outcome;
  /** Why there is no time. */
  readonly message: string | null;
  readonly stepsCompared: number;
  /** Largest |a − b| / max(|a|, |b|) of two losses of one step. */
  readonly largestDifference: number | null;
  readonly rounds: number;
  readonly stepsPerRound: number;
  /** Of a step, the same for everybody. */
  readonly work: readonly Work[];
  /** Compute dispatches; null on a CPU. */
  readonly dispatchesPerStep: number | null;
  /** From nothing to ready for the first step: initial weights, uploads, compilation that is not lazy. */
  readonly startMs: number;
  /** Of all its buffers before the first step, batches included; null where a library does not say. */
  readonly allocatedBytes: number | null;
  /** Median GPU time of every dispatch of a step, where the device reports it. */
  readonly kernels: readonly KernelTime[] | null;
}

export type Outcome =
  | 'measured'
  /** Another loss than the first contender: its time would mean nothing. */
  | 'disagrees'
  /** Too large for the device or the library; nobody's fault. */
  | 'does not fit'
  | 'failed';

/** What makes a whole benchmark fail. */
export function isFailure({ outcome }: BenchmarkResult): boolean {
  return outcome === 'disagrees' || outcome === 'failed';
}

export interface BenchmarkProgress {
  readonly case: string;
  readonly contender: ContenderId;
  readonly phase: 'start' | 'compare' | 'measure' | 'profile';
  readonly done: number;
  readonly total: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** From the worker of a series to the page; the page sends it one Series. */
export type SeriesMessage =
  | { readonly kind: 'progress'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'results'; readonly results: readonly BenchmarkResult[] }
  | { readonly kind: 'error'; readonly message: string };
