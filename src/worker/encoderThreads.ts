import type { EncoderThread, EncoderThreads } from '../data/encoding/threads.ts';
// The address of the bundled worker, which only Vite knows.
// oxlint-disable-next-line import/default
import encoderUrl from './encoder.ts?worker&url';
import { startWorker } from './startWorker.ts';

/** Workers of this worker, one a core; null: there is one core. */
export function openEncoderThreads(): EncoderThreads | null {
  const count = navigator.hardwareConcurrency;
  return count < 2 ? null : { count, start: async () => startThread() };
}

function startThread(): EncoderThread {
  const worker = startWorker(encoderUrl, 'encoder');
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(onMessage, onCrash) {
      worker.addEventListener('message', ({ data }: MessageEvent) => onMessage(data));
      worker.addEventListener('error', ({ message }) =>
        onCrash(
          new Error(`A thread that reads the file stopped working: ${message || 'it could not start.'}`),
        ),
      );
    },
    end: () => worker.terminate(),
  };
}
