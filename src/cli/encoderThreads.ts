import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EncoderThread, EncoderThreads } from '../data/encoding/threads.ts';

const threadSource = fileURLToPath(new URL('encoderThread.ts', import.meta.url));

/**
 * Threads of this process, one a core: they have started 0.3 s after the first is asked for. null: there is one core, or the
 * command line was bundled, without the source of a thread.
 */
export function openEncoderThreads(count = availableParallelism()): EncoderThreads | null {
  if (count < 2 || !existsSync(threadSource)) return null;
  let code: Promise<string> | null = null;
  return { count, start: async () => startThread(await (code ??= bundleThread())) };
}

/** One script, so that the threads need no copy of Vite each to run TypeScript. */
async function bundleThread(): Promise<string> {
  const { build } = await import('vite');
  const bundled = await build({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: threadSource,
      write: false,
      minify: false,
      rollupOptions: { output: { format: 'cjs' } },
    },
  });
  const [{ output }] = [bundled].flat() as { readonly output: readonly { readonly code?: string }[] }[];
  return output[0].code!;
}

function startThread(code: string): EncoderThread {
  const worker = new Worker(code, { eval: true });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen(onMessage, onCrash) {
      worker.on('message', onMessage);
      worker.on('error', onCrash);
    },
    end: () => void worker.terminate(),
  };
}
