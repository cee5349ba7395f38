import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { load } from '../../../src/data/load.ts';
import { type DataSource, defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';
import { LoaderWorker } from '../../../src/worker/loader.ts';
import type { LoaderReply, LoaderRequest } from '../../../src/worker/protocol.ts';
import { criteoLine, lines, sourceOf } from './sources.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What people are promised, from the press of Cancel to the end of the work. */
const longestCancelMs = 200;

/** A loader whose messages arrive as a worker's do: as tasks of the event loop, never as microtasks. */
function startWorker() {
  const replies: LoaderReply[] = [];
  let onReply: (reply: LoaderReply) => void = () => undefined;
  const loader = new LoaderWorker({
    postMessage(reply) {
      replies.push(reply);
      onReply(reply);
    },
  });
  const { port1, port2 } = new MessageChannel();
  port2.addEventListener('message', ({ data }: MessageEvent<number>) => void loader.handle(requests[data]));
  port2.start();
  const requests: LoaderRequest[] = [];
  return {
    post: (request: LoaderRequest) => port1.postMessage(requests.push(request) - 1),
    replyThat: (isIt: (reply: LoaderReply) => boolean) =>
      new Promise<LoaderReply>((resolve) => {
        onReply = (reply) => {
          if (isIt(reply)) resolve(reply);
        };
      }),
    close: () => port1.close(),
  };
}

/** Never ends, and never waits: every read settles in a microtask. */
function endlessFile(): { readonly file: File; readonly isCancelled: () => boolean } {
  const block = new TextEncoder().encode(lines(2000, criteoLine));
  let cancelled = false;
  const source: DataSource = {
    name: 'endless.txt',
    size: 1e12,
    stream: () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(block),
        cancel() {
          cancelled = true;
        },
      }),
  };
  return { file: source as File, isCancelled: () => cancelled };
}

describe('a cancel is heard within 200 ms', () => {
  test('while a file is read: its stream is cancelled and the next job starts', async () => {
    const worker = startWorker();
    const { file, isCancelled } = endlessFile();
    const reading = worker.replyThat(({ type }) => type === 'progress');
    worker.post({ type: 'load', request: 1, file, options: { ...defaultLoadOptions, maxExamples: 1000 } });
    await reading;
    const startMs = performance.now();
    const ended = worker.replyThat(({ type }) => type !== 'progress');
    worker.post({ type: 'cancel' });
    expect(await ended).toEqual({ type: 'cancelled', request: 1 });
    expect(performance.now() - startMs).toBeLessThan(longestCancelMs);
    expect(isCancelled()).toBe(true);

    const next = worker.replyThat(({ request }) => request === 2);
    worker.post({
      type: 'inspect',
      request: 2,
      file: new File([lines(30, criteoLine)], 'next.txt'),
      reading: {},
    });
    expect(await next).toMatchObject({ type: 'preview', preview: { format: 'criteo' } });
    worker.close();
  });

  test('while a stream says nothing', async () => {
    const abort = new AbortController();
    const silent = { name: 'silent.csv', size: 10, stream: () => new ReadableStream<Uint8Array>() };
    const loading = load(silent, defaultLoadOptions, undefined, abort.signal);
    const reason = new Error('enough');
    setImmediate(() => abort.abort(reason));
    await expect(loading).rejects.toBe(reason);
  });

  test('while examples are encoded, by time, from a sample, with names', async () => {
    const text = `user,item,price,time,label\n${lines(150_000, (i) => `user ${i},item ${i % 1000},${i % 7},${(i * 7919) % 150_000},${i % 2}`)}`;
    const options: LoadOptions = {
      ...defaultLoadOptions,
      roles: ['category', 'category', 'number', 'time', 'label'],
      splitBy: 'time',
      maxExamples: 149_000,
      keepNames: true,
      minCount: 1,
    };
    // Of the processor: other work on the machine must not fail this.
    let longestMs = 0;
    let start = process.cpuUsage();
    let next: NodeJS.Immediate | undefined;
    const measure = () => {
      const { user, system } = process.cpuUsage(start);
      if (next) longestMs = Math.max(longestMs, (user + system) / 1000);
      start = process.cpuUsage();
      next = setImmediate(measure);
    };
    await load(sourceOf(text), options, () => {
      if (!next) measure();
    });
    clearImmediate(next);
    expect(longestMs).toBeLessThan(longestCancelMs);
  });

  test('and what was read is given back', async () => {
    let collected = false;
    const registry = new FinalizationRegistry(() => {
      collected = true;
    });
    await (async () => {
      const abort = new AbortController();
      const source = sourceOf(lines(20_000, criteoLine));
      registry.register(source, '');
      const loading = load(source, defaultLoadOptions, () => abort.abort(), abort.signal);
      await expect(loading).rejects.toThrow();
    })();
    await expect
      .poll(() => {
        collectGarbage();
        return collected;
      })
      .toBe(true);
  });
});
