import { describe, expect, test, vi } from 'vitest';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { LoaderWorker } from '../../../src/worker/loader.ts';
import type { LoaderReply } from '../../../src/worker/protocol.ts';
import { criteoLine, lines } from './sources.ts';

function startLoader() {
  const replies: LoaderReply[] = [];
  const transfers: Transferable[][] = [];
  const loader = new LoaderWorker({
    postMessage(reply, transfer) {
      // As between threads: a copy, and the transferred buffers are gone on this side.
      replies.push(structuredClone(reply, { transfer }));
      transfers.push(transfer);
    },
  });
  return { loader, replies, transfers };
}

const file = new File([lines(3000, criteoLine)], 'clicks.txt');

describe('the loader worker', () => {
  test('previews a file', async () => {
    const { loader, replies } = startLoader();
    await loader.handle({ type: 'inspect', request: 7, file, reading: {} });
    expect(replies).toMatchObject([{ type: 'preview', request: 7, preview: { format: 'criteo' } }]);
  });

  test('loads a file and transfers its arrays', async () => {
    const { loader, replies, transfers } = startLoader();
    await loader.handle({ type: 'load', request: 1, file, options: defaultLoadOptions });
    const last = replies.at(-1)!;
    if (last.type !== 'loaded') throw new Error(last.type);
    expect(last.dataset).toMatchObject({ name: 'clicks.txt', examples: 3000 });
    expect('ids' in last.dataset && last.dataset.ids).toHaveLength(3000 * 26);
    expect(transfers.at(-1)).toHaveLength(3 + 26);
    for (const buffer of transfers.at(-1)!) expect((buffer as ArrayBuffer).byteLength).toBe(0);
  });

  test('generates a sample', async () => {
    const { loader, replies } = startLoader();
    await loader.handle({ type: 'sample', request: 2, sample: 'ratings' });
    expect(replies).toMatchObject([{ type: 'loaded', request: 2, dataset: { format: 'sample' } }]);
  });

  test('reports progress at most ten times a second', async () => {
    const { loader, replies } = startLoader();
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1));
    const big = new File([lines(3000, criteoLine).repeat(8)], 'big.txt');
    await loader.handle({ type: 'load', request: 3, file: big, options: defaultLoadOptions });
    clock.mockRestore();
    const progress = replies.filter((reply) => reply.type === 'progress');
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.length).toBeLessThanOrEqual(1 + nowMs / 100);
    expect(progress[0]).toMatchObject({ request: 3, totalBytes: big.size });
  });

  test('turns an error into a failure with its remedy', async () => {
    const { loader, replies } = startLoader();
    await loader.handle({
      type: 'load',
      request: 4,
      file: new File([''], 'empty.csv'),
      options: defaultLoadOptions,
    });
    expect(replies).toEqual([
      {
        type: 'failed',
        request: 4,
        failure: {
          name: 'DataError',
          message: expect.stringMatching(/^empty\.csv: /),
          remedy: expect.any(String),
        },
      },
    ]);
  });

  test('cancels when told, and when another request comes', async () => {
    const { loader, replies } = startLoader();
    const first = loader.handle({ type: 'load', request: 5, file, options: defaultLoadOptions });
    const second = loader.handle({ type: 'load', request: 6, file, options: defaultLoadOptions });
    await loader.handle({ type: 'cancel' });
    const third = loader.handle({ type: 'inspect', request: 8, file, reading: {} });
    await Promise.all([first, second, third]);
    expect(replies.filter((reply) => reply.type === 'cancelled').map(({ request }) => request)).toEqual([
      5, 6,
    ]);
    expect(replies.filter((reply) => reply.type === 'loaded')).toEqual([]);
    expect(replies).toContainEqual(expect.objectContaining({ type: 'preview', request: 8 }));
  });
});
