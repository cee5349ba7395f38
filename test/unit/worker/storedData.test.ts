import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { openStored } from '../../../src/data/stored/datasetFile.ts';
import { writeDataset } from '../../../src/data/stored/datasetWriter.ts';
import type { StoredDataset } from '../../../src/data/dataset.ts';
import { fingerprintOf } from '../../../src/data/fingerprint.ts';
import { Engine } from '../../../src/worker/engine.ts';
import { LoaderWorker } from '../../../src/worker/loader.ts';
import type { EngineReply, LoaderReply, LoaderRequest } from '../../../src/worker/protocol.ts';
import { MemoryFiles } from '../../support/memoryFiles.ts';
import { memoryCheckpoints } from '../../support/memoryCheckpoints.ts';
import { criteoLine, lines } from '../data/sources.ts';
import { tinyDataset, tinySettings } from '../training/tinyDataset.ts';

const file = new File([lines(3000, criteoLine)], 'clicks.txt');
const load: LoaderRequest = { type: 'load', request: 1, file, options: defaultLoadOptions };

function startLoader(storage: MemoryFiles) {
  const replies: LoaderReply[] = [];
  const post = (reply: LoaderReply): void => void replies.push(reply);
  return { loader: new LoaderWorker({ postMessage: post }, undefined, storage), replies };
}

describe('a file that was loaded', () => {
  test('is kept, and opened again with the same examples', async () => {
    const storage = new MemoryFiles();
    const { loader, replies } = startLoader(storage);
    await loader.handle(load);
    const loaded = replies.at(-1)!;
    if (loaded.type !== 'loaded') throw new Error(loaded.type);
    const { fingerprint } = loaded.dataset;
    expect([...storage.kept.keys()]).toEqual([fingerprint]);
    const second = startLoader(storage);
    await second.loader.handle({ type: 'reopen', request: 2, file: fingerprint });
    expect(second.replies).toEqual([{ ...loaded, request: 2 }]);
    expect(storage.opened).toBe(0);
  });

  test('is loaded all the same where there is no room to keep it, which is said', async () => {
    const storage = new MemoryFiles(10_000);
    const { loader, replies } = startLoader(storage);
    await loader.handle(load);
    expect(replies.map(({ type }) => type).slice(-2)).toEqual(['not-kept', 'loaded']);
    expect(storage.kept.size).toBe(0);
    expect(storage.opened).toBe(0);
  });

  test('leaves nothing behind where its load is cancelled while it is written', async () => {
    const storage = new MemoryFiles();
    const { loader, replies } = startLoader(storage);
    const create = storage.create.bind(storage);
    storage.create = async (name) => {
      void loader.handle({ type: 'cancel' });
      return create(name);
    };
    await loader.handle(load);
    expect(replies.at(-1)).toEqual({ type: 'cancelled', request: 1 });
    expect([storage.kept.size, storage.opened]).toEqual([0, 0]);
  });

  test('that was removed meanwhile is told of when it is asked for', async () => {
    const { loader, replies } = startLoader(new MemoryFiles());
    await loader.handle({ type: 'reopen', request: 1, file: 'gone' });
    expect(replies).toMatchObject([{ type: 'failed', failure: { name: 'DataError' } }]);
  });
});

describe('an engine', () => {
  async function trainOn(dataset: StoredDataset, storage: MemoryFiles) {
    const replies: EngineReply[] = [];
    let end: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const engine = new Engine({
      post(reply) {
        replies.push(reply);
        if (reply.type === 'failed' || (reply.type === 'event' && reply.event.kind === 'finished')) end();
      },
      yieldThread: () => new Promise((resolve) => setImmediate(resolve)),
      cpu: createCpuBackend,
      webgpu: () => Promise.reject(new Error('not expected')),
      openStored: (name) => openStored(storage, name),
      checkpoints: memoryCheckpoints(),
      checkpointMs: 60_000,
    });
    engine.handle({ type: 'dataset', dataset });
    engine.handle({ type: 'run', runId: 'a', settings: { ...tinySettings, backend: 'cpu' }, note: '' });
    await ended;
    return { engine, replies };
  }

  async function stored(storage: MemoryFiles): Promise<StoredDataset> {
    const dataset = tinyDataset('click');
    const fingerprint = await fingerprintOf(dataset);
    await writeDataset(await storage.create('one'), { ...dataset, fingerprint });
    const { ids: _, numbers: __, labels: ___, ...info } = dataset;
    return { ...info, fingerprint, file: 'one', sizeBytes: 1 };
  }

  test('opens the file of a data set, trains from it, and closes it when another one comes', async () => {
    const storage = new MemoryFiles();
    const { engine, replies } = await trainOn(await stored(storage), storage);
    expect(replies.at(-1)).toMatchObject({ event: { kind: 'finished', result: { reason: 'completed' } } });
    expect(storage.opened).toBe(1);
    engine.handle({ type: 'dataset', dataset: tinyDataset('click') });
    await new Promise((resolve) => setImmediate(resolve));
    expect(storage.opened).toBe(0);
  });

  test('says which file is not there, and what to do', async () => {
    const storage = new MemoryFiles();
    const dataset = await stored(storage);
    await storage.remove('one');
    const { replies } = await trainOn(dataset, storage);
    expect(replies.at(-1)).toMatchObject({
      type: 'failed',
      failure: { name: 'DataError', message: 'one: it is not there any more.' },
    });
  });
});
