import type { SeriesMessage } from './messages.ts';
import type { BenchmarkProgress, BenchmarkResult } from './result.ts';
import type { Series } from './runSeries.ts';

/**
 * A series in a worker of its own, so that the page stays alive and the next one finds no buffers of
 * this one. Rejects when the worker dies or `signal` aborts.
 */
export function runInWorker(
  series: Series,
  signal: AbortSignal,
  report: (progress: BenchmarkProgress) => void,
): Promise<readonly BenchmarkResult[]> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const results = new Promise<readonly BenchmarkResult[]>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The benchmark's worker stopped: ${message || 'no reason was given'}.`)),
    );
    worker.addEventListener('message', ({ data }: MessageEvent<SeriesMessage>) => {
      if (data.kind === 'progress') report(data.progress);
      else if (data.kind === 'results') resolve(data.results);
      else reject(new Error(data.message));
    });
  });
  worker.postMessage(series, []);
  return results.finally(() => worker.terminate());
}
