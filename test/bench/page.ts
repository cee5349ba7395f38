import type { BenchmarkProgress, BenchmarkResult } from '../../src/benchmark/result.ts';
import { runInWorker } from '../../src/benchmark/session.ts';
import type { Series } from '../../src/benchmark/runSeries.ts';

/** What run.mjs calls in this page, and what it answers with. */
declare global {
  var runBenchmarkSeries: (series: Series) => Promise<readonly BenchmarkResult[]>;
  var reportProgress: ((progress: BenchmarkProgress) => void) | undefined;
}

globalThis.runBenchmarkSeries = (series) =>
  runInWorker(series, new AbortController().signal, (progress) => globalThis.reportProgress?.(progress));
