import { expect, test } from 'vitest';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { createLoaderClient, openLoader } from '../../../src/worker/client.ts';
import { criteoLine, lines } from '../../unit/data/sources.ts';

test('a real worker hears a cancel while it reads, and answers the next request at once', async () => {
  const loader = createLoaderClient(openLoader());
  const small = new File([lines(30, criteoLine)], 'small.txt');
  expect((await loader.inspect(small)).format).toBe('criteo');

  const block = lines(20_000, criteoLine);
  // 500 MB, of one block: tens of seconds of work.
  const large = new File(Array<string>(200).fill(block), 'large.txt');
  const abort = new AbortController();
  let onRead: () => void;
  const reading = new Promise<void>((resolve) => (onRead = resolve));
  const loading = loader.load(large, defaultLoadOptions, () => onRead(), abort.signal);
  await reading;
  const startMs = performance.now();
  abort.abort();
  await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  expect((await loader.inspect(small)).format).toBe('criteo');
  // 200 ms to stop, and what a preview takes on a busy machine.
  expect(performance.now() - startMs).toBeLessThan(1000);
});
