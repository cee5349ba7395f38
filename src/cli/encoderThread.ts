import { parentPort } from 'node:worker_threads';
import { serveEncoder } from '../data/encoding/encoder.ts';

// What runs in a thread of encoderThreads.ts.
const port = parentPort!;
port.on(
  'message',
  serveEncoder((reply, transfer) => port.postMessage(reply, transfer as ArrayBuffer[])),
);
