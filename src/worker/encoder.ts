import { serveEncoder } from '../data/encoding/encoder.ts';

// What runs in a worker of encoderThreads.ts.
const scope = self as unknown as DedicatedWorkerGlobalScope;
const answer = serveEncoder((reply, transfer) => scope.postMessage(reply, transfer));
scope.addEventListener('message', ({ data }: MessageEvent) => answer(data));
