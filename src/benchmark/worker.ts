import { createEnvironment } from './environment.ts';
import type { CaseMessage, CaseRequest } from './messages.ts';
import { runCase } from './runCase.ts';

function post(message: CaseMessage): void {
  self.postMessage(message, { transfer: [] });
}

/** One case, then the page ends this worker: whatever the libraries leave behind goes with it. */
self.addEventListener('message', async ({ data }: MessageEvent<CaseRequest>) => {
  const { benchmark, contenders, options } = data;
  try {
    const environment = await createEnvironment(navigator.gpu);
    const results = await runCase(benchmark, contenders, environment, options, (progress) =>
      post({ kind: 'progress', progress }),
    );
    post({ kind: 'results', results });
  } catch (error) {
    post({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
});
