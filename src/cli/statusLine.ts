const INTERVAL_MS = 250;

/** A line on stderr that is written over, at most four times a second; silent where stderr is no terminal. */
export function openStatusLine(): { show(text: () => string): void; clear(): void } {
  const { stderr } = process;
  let shownAtMs = -Infinity;
  return {
    show(text) {
      const nowMs = performance.now();
      if (!stderr.isTTY || nowMs - shownAtMs < INTERVAL_MS) return;
      shownAtMs = nowMs;
      stderr.write(`\r${text()}\u001B[K`);
    },
    clear() {
      if (stderr.isTTY) stderr.write('\r\u001B[K');
    },
  };
}
