import { createEnvironment } from './environment.ts';
import type { SeriesMessage } from './result.ts';
import { runSeries, type Series } from './runSeries.ts';

function post(message: SeriesMessage): void {
  self.postMessage(message, { transfer: [] });
}

/** One series, then the page ends this worker: whatever the libraries leave behind goes with it. */
self.addEventListener('message', async ({ data }: MessageEvent<Series>) => {
  try {
    const environment = await createEnvironment(navigator.gpu);
    const results = await runSeries(data, environment, (progress) => post({ kind: 'progress', progress }));
    post({ kind: 'results', results });
  } catch (error) {
    post({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
});
