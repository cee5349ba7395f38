import type { CaseRequest } from '../../src/benchmark/messages.ts';
import type { BenchmarkProgress, BenchmarkResult } from '../../src/benchmark/result.ts';
import { runInWorker } from '../../src/benchmark/runInWorker.ts';

/** What run.mjs calls in this page, and what it answers with. */
declare global {
  var runBenchmarkCase: (request: CaseRequest) => Promise<readonly BenchmarkResult[]>;
  var reportProgress: ((progress: BenchmarkProgress) => void) | undefined;
}

globalThis.runBenchmarkCase = (request) =>
  runInWorker(request, new AbortController().signal, (progress) => globalThis.reportProgress?.(progress));
