import { deleteDB, openDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
import type { QueuedRun } from '../../../src/app/runs/requestedRun.ts';
import { openDatabase } from '../../../src/app/storage/database.ts';
import { createModelStorage } from '../../../src/app/storage/fileStorage.ts';
import { createRunStorage } from '../../../src/app/storage/runStorage.ts';
import { makeRun } from '../../unit/app/fakeSession.ts';

const name = 'dimmer-test';
afterEach(() => deleteDB(name));

/** `unread`: what the storage tells that it cannot read. */
const openRunStorage = (unread: string[] = []) =>
  createRunStorage(openDatabase(name), (count, kind) => void unread.push(`${count} ${kind}`));

test('runs outlive the page that stored them, oldest first', async () => {
  const storage = openRunStorage();
  await storage.put(makeRun('late', { createdAt: 2 }));
  await storage.put(makeRun('early', { createdAt: 1 }));
  const reopened = await openRunStorage().all();
  expect(reopened.map(({ id }) => id)).toEqual(['early', 'late']);
  expect(reopened[0]).toEqual(makeRun('early', { createdAt: 1 }));
});

const waiting = (id: string, order: number): QueuedRun => ({
  id,
  name: id,
  settings: makeRun('a').asked,
  datasetKey: 'tiny',
  queued: { order, comparison: 'c', datasetName: 'tiny', sample: null },
});

test('runs that wait outlive the page too, in their order, until they have ended', async () => {
  const storage = openRunStorage();
  await storage.putWaiting([waiting('second', 2), waiting('third', 3), waiting('first', 1)]);
  await storage.removeWaiting(['third', 'never stored']);
  expect(await openRunStorage().waiting()).toEqual([waiting('first', 1), waiting('second', 2)]);
});

test('runs of a page that knew no queue are kept', async () => {
  const older = await openDB(name, 1, {
    upgrade: (database) => void database.createObjectStore('runs', { keyPath: 'id' }),
  });
  await older.put('runs', makeRun('old'));
  older.close();
  const storage = openRunStorage();
  expect((await storage.all()).map(({ id }) => id)).toEqual(['old']);
  expect(await storage.waiting()).toEqual([]);
});

test('what another version stored is left as it is, and told of', async () => {
  const run = makeRun('a');
  const { trainMemory: _, ...fewerSettings } = run.result.settings;
  const earlier = { ...run, id: 'earlier', result: { ...run.result, settings: fewerSettings } };
  const others = [
    { ...run, id: 'no result', result: undefined },
    { ...run, id: 'other method', asked: { ...run.asked, method: 'magic' } },
    {
      ...run,
      id: 'other setting',
      result: { ...run.result, settings: { ...run.result.settings, magic: 1 } },
    },
    { ...run, id: 'other metrics', result: { ...run.result, metrics: { test: { auc: 'high' } } } },
    { id: 'nothing' },
  ];
  await openRunStorage().put(run);
  await openRunStorage().putWaiting([waiting('first', 1)]);
  const database = await openDB(name);
  for (const record of [earlier, ...others]) await database.put('runs', record);
  await database.put('queue', { id: 'no place' });
  const unread: string[] = [];
  const storage = openRunStorage(unread);
  const read = await storage.all();
  expect(read.map(({ id }) => id).sort()).toEqual(['a', 'earlier']);
  expect(read.find(({ id }) => id === 'earlier')!.result.settings).toEqual(run.result.settings);
  expect(await storage.waiting()).toEqual([waiting('first', 1)]);
  expect(unread).toEqual(['5 run', '1 queued run']);
  const left = (await database.getAll('runs')).map(({ id }) => id).sort();
  expect(left).toEqual(['a', 'earlier', ...others.map(({ id }) => id)].sort());
  database.close();
});

test('a removed run is gone, and a changed one is stored once', async () => {
  const storage = openRunStorage();
  await storage.put(makeRun('a'));
  await storage.put(makeRun('a', { name: 'renamed' }));
  await storage.put(makeRun('b'));
  await storage.remove(['b', 'never stored']);
  expect((await storage.all()).map((run) => run.name)).toEqual(['renamed']);
});

test('models outlive the page byte for byte, and the first ones make room for the last', async () => {
  const file = (letter: string, size: number) => new Blob([letter.repeat(size)]);
  const storage = createModelStorage(openDatabase(name), 100);
  expect(await storage.put('a', file('a', 40))).toEqual([]);
  expect(await storage.put('b', file('b', 40))).toEqual([]);
  expect(await storage.put('a', file('c', 30))).toEqual([]); // now the last one
  expect(await storage.put('d', file('d', 50))).toEqual(['b']);
  expect(await storage.put('huge', file('h', 101))).toEqual(['huge']);
  const reopened = createModelStorage(openDatabase(name), 100);
  expect(await reopened.ids()).toEqual(['a', 'd']);
  expect(await (await reopened.find('a'))!.text()).toBe('c'.repeat(30));
  expect(await reopened.find('b')).toBeUndefined();
});

test('a model that was taken out can be put back', async () => {
  const storage = createModelStorage(openDatabase(name));
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await storage.put('a', new Blob([bytes]));
  const taken = await storage.take(['a', 'never stored']);
  expect(await storage.ids()).toEqual([]);
  await storage.put('a', taken.get('a')!);
  expect(await (await storage.find('a'))!.bytes()).toEqual(bytes);
});
