import { beforeEach, describe, expect, test } from 'vitest';
import { defaultLoadOptions, type LoadProgress } from '../../../src/data/source.ts';
import {
  createLoaderClient,
  type LoaderChannel,
  type LoaderClient,
  WorkerError,
} from '../../../src/worker/client.ts';
import type { Failure, LoaderReply, LoaderRequest } from '../../../src/worker/protocol.ts';
import { tinyDataset } from './fakeSession.ts';

let requests: LoaderRequest[];
let reply: (reply: LoaderReply) => void;
let crash: (failure: Failure) => void;
let loader: LoaderClient;

beforeEach(() => {
  requests = [];
  const channel: LoaderChannel = {
    post: (request) => void requests.push(request),
    listen: (onReply, onCrash) => {
      reply = onReply;
      crash = onCrash;
    },
  };
  loader = createLoaderClient(channel);
});

const file = new File(['x'], 'x.csv');
const dataset = tinyDataset();

describe('the loader on the page’s side', () => {
  test('resolves with the data set of its own request and passes progress on', async () => {
    const seen: LoadProgress[] = [];
    const loading = loader.load(file, defaultLoadOptions, (progress) => seen.push(progress));
    reply({ type: 'progress', request: 1, rows: 5, bytes: 10, totalBytes: 20 });
    reply({ type: 'progress', request: 99, rows: 6, bytes: 12, totalBytes: 20 });
    reply({ type: 'loaded', request: 1, dataset });
    expect(await loading).toBe(dataset);
    expect(seen).toHaveLength(1);
  });

  test('rejects with the failure’s message and remedy', async () => {
    const inspecting = loader.inspect(file);
    reply({
      type: 'failed',
      request: 1,
      failure: { name: 'DataError', message: 'x.csv, line 2: …', remedy: 'Mend it.' },
    });
    await expect(inspecting).rejects.toMatchObject({ name: 'DataError', remedy: 'Mend it.' });
  });

  test('tells the worker to stop when it is aborted, and ignores what still comes', async () => {
    const abort = new AbortController();
    const loading = loader.sample('clicks', abort.signal);
    abort.abort();
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests.at(-1)).toEqual({ type: 'cancel' });
    reply({ type: 'loaded', request: 1, dataset });
  });

  test('rejects a request that a later one replaces', async () => {
    const first = loader.sample('clicks');
    const second = loader.sample('ratings');
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    reply({ type: 'loaded', request: 1, dataset: tinyDataset('late') });
    reply({ type: 'loaded', request: 2, dataset });
    expect(await second).toBe(dataset);
  });

  test('rejects when the worker dies', async () => {
    const loading = loader.sample('clicks');
    crash({ name: 'WorkerError', message: 'The loader stopped working.', remedy: 'Reload the page.' });
    await expect(loading).rejects.toBeInstanceOf(WorkerError);
  });
});
