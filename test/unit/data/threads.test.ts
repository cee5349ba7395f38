import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pace } from '../../../src/data/containers/pace.ts';
import { serveEncoder } from '../../../src/data/encoding/encoder.ts';
import type { EncoderThreads } from '../../../src/data/encoding/threads.ts';
import { openEncoderThreads } from '../../../src/cli/encoderThreads.ts';
import { FileLoader } from '../../../src/data/fileLoader.ts';
import { load } from '../../../src/data/load.ts';
import { criteoLayout } from '../../../src/data/formats/criteo.ts';
import { defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';
import { contentOf, criteoLine, lines } from './sources.ts';

/** `count` encoders behind messages that arrive as a thread's do, as copies and in tasks of their own. */
function fakeThreads(count: number): EncoderThreads {
  return {
    count,
    async start() {
      const { port1, port2 } = new MessageChannel();
      const answer = serveEncoder((reply, transfer) => port2.postMessage(reply, transfer));
      port2.addEventListener('message', ({ data }) => answer(data));
      port2.start();
      port1.start();
      return {
        post: (message, transfer) => port1.postMessage(message, transfer),
        listen: (onMessage) => port1.addEventListener('message', ({ data }) => onMessage(data)),
        end: () => port1.close(),
      };
    },
  };
}

/** 2 MB of lines, most of whose values are seen a few times. */
const criteo = lines(12_000, (i) => {
  const cells = criteoLine(i).split('\t');
  cells[20] = ((i * 7919) % 9000).toString(16).padStart(8, '0');
  cells[21] = `a value longer than eight bytes ${(i * i) % 5000}`;
  cells[22] = `t${i % 3}ün`;
  return cells.join('\t');
});

async function loadWith(threads: EncoderThreads | null, options: Partial<LoadOptions>, piece: number) {
  const all = { ...defaultLoadOptions, ...options };
  const loader = await FileLoader.open(criteoLayout('\n'), all, 'log', threads);
  for (let at = 0; at < criteo.length; at += piece) await loader.push(criteo.slice(at, at + piece));
  const { dataset, report } = await loader.finish(new Pace());
  loader.close(new Error('over'));
  return { ...dataset, report: { ...report, bytesRead: 0, elapsedMs: 0 } };
}

describe('a log has one data set, to the byte', () => {
  const choices: Partial<LoadOptions>[] = [
    {},
    { minCount: 3, keepNames: true },
    { splitBy: 'stratified' },
    { maxExamples: 7000, keepNames: true },
  ];
  for (const options of choices) {
    test(`with 1, 2 and 7 threads, in pieces of any size: ${JSON.stringify(options)}`, async () => {
      const alone = await loadWith(null, options, 1 << 16);
      for (const [count, piece] of [
        [1, 70_001],
        [2, 4099],
        [7, 1_000_003],
      ]) {
        expect(contentOf(await loadWith(fakeThreads(count), options, piece))).toBe(contentOf(alone));
      }
    });
  }

  test('with threads of this machine', async () => {
    const options = { keepNames: true };
    const alone = await loadWith(null, options, 1 << 16);
    expect(contentOf(await loadWith(openEncoderThreads(2), options, 1 << 16))).toBe(contentOf(alone));
  });

  test('samples hold as many examples as were asked for, of the whole file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 11_999 }), async (maxExamples) => {
        const { examples, report } = await loadWith(null, { maxExamples }, 1 << 20);
        expect(examples).toBe(maxExamples);
        expect(report).toMatchObject({ sampled: true, linesRead: 12_000 });
      }),
      { numRuns: 5 },
    );
  });

  test('a cancel ends the threads, and is heard within 200 ms', async () => {
    const block = new TextEncoder().encode(criteo);
    const endless = {
      name: 'endless.txt',
      size: 1e12,
      stream: () => new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(block) }),
    };
    const threads = fakeThreads(3);
    let running = 0;
    const counted: EncoderThreads = {
      count: threads.count,
      async start() {
        const thread = await threads.start();
        let hasEnded = false;
        running++;
        return {
          ...thread,
          end() {
            if (!hasEnded) running--;
            hasEnded = true;
            thread.end();
          },
        };
      },
    };
    const abort = new AbortController();
    let cancelledMs = 0;
    const cancel = ({ rows }: { readonly rows: number }) => {
      if (rows === 0 || abort.signal.aborted) return;
      expect(running).toBe(3);
      cancelledMs = performance.now();
      abort.abort(new Error('enough'));
    };
    const resources = { totalBytes: Infinity, threads: counted };
    const options = { ...defaultLoadOptions, maxExamples: 1000 };
    await expect(load(endless, options, cancel, abort.signal, resources)).rejects.toThrow('enough');
    expect(performance.now() - cancelledMs).toBeLessThan(200);
    expect(running).toBe(0);
  });
});
