import { type BenchmarkCase, benchmarkCases, type ContenderId, intoSeries, quickCases } from './cases.ts';
import type { BenchmarkProgress, BenchmarkResult, SeriesMessage } from './result.ts';
import type { Series } from './runSeries.ts';

/** What the page shows of a benchmark, running or over. */
export interface SessionState {
  readonly phase: 'idle' | 'running' | 'finished' | 'stopped';
  readonly results: readonly BenchmarkResult[];
  readonly progress: BenchmarkProgress | null;
  /** Cases done and asked for. */
  readonly done: number;
  readonly total: number;
  /** Cases that ended without results, in words. */
  readonly problems: readonly string[];
}

export const idleSession: SessionState = {
  phase: 'idle',
  results: [],
  progress: null,
  done: 0,
  total: 0,
  problems: [],
};

export type Selection = 'small' | 'quick' | 'kaggle' | 'all';

export const selections: Readonly<
  Record<Selection, { readonly label: string; readonly cases: readonly BenchmarkCase[] }>
> = {
  small: { label: 'One small model', cases: benchmarkCases.filter(({ name }) => name === 'small') },
  quick: { label: 'Quick: a few small cases', cases: quickCases },
  kaggle: {
    label: 'Kaggle DLRM, up to 100k rows a field',
    cases: benchmarkCases.filter(({ name }) => /^small|^kaggle-.*k$/.test(name)),
  },
  all: { label: 'All cases: up to 1M rows a field, several GB', cases: benchmarkCases },
};

const isQuick = (selection: Selection): boolean => selection === 'small' || selection === 'quick';

/** Runs the cases until they are done or `signal` aborts; never throws. */
export async function runSession(
  selection: Selection,
  wanted: ReadonlySet<ContenderId>,
  signal: AbortSignal,
  show: (state: SessionState) => void,
): Promise<void> {
  const { cases } = selections[selection];
  const options = { rounds: 3, roundMs: isQuick(selection) ? 300 : 1000, patienceMs: 60_000 };
  let state: SessionState = { ...idleSession, phase: 'running', total: cases.length };
  const change = (part: Partial<SessionState>): void => {
    state = { ...state, ...part };
    show(state);
  };
  change({});
  for (const series of intoSeries(cases)) {
    const entries = series.map((benchmark) => ({
      benchmark,
      contenders: benchmark.contenders.filter((id) => wanted.has(id)),
    }));
    try {
      const results = await runInWorker({ cases: entries, options }, signal, (progress) =>
        change({ progress }),
      );
      change({ results: [...state.results, ...results] });
    } catch (error) {
      if (signal.aborted) return change({ phase: 'stopped', progress: null });
      const reason = error instanceof Error ? error.message : String(error);
      const names = series.map(({ name }) => name).join(', ');
      change({ problems: [...state.problems, `${names}: ${reason}`] });
    }
    change({ done: state.done + series.length });
  }
  change({ phase: 'finished', progress: null });
}

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
