import type { LoadProgress } from '../data/load.ts';

const INTERVAL_MS = 250;

/** Rows and MB read so far, on one line of a terminal that is watched; silent otherwise. */
export function showLoading(): { show(progress: LoadProgress): void; clear(): void } {
  const { stderr } = process;
  let shownAtMs = performance.now();
  return {
    show({ rows, bytes, totalBytes }) {
      const nowMs = performance.now();
      if (!stderr.isTTY || nowMs - shownAtMs < INTERVAL_MS) return;
      shownAtMs = nowMs;
      const line = `${rows.toLocaleString('en')} rows, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
      stderr.write(`\r${line}\u001B[K`);
    },
    clear() {
      if (stderr.isTTY) stderr.write('\r\u001B[K');
    },
  };
}

function megabytes(sizeBytes: number): string {
  return (sizeBytes / 1e6).toFixed(1);
}
