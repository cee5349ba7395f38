import { deleteDB, openDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
import type { QueuedTicket } from '../../../src/app/store/appState.ts';
import { openRunStorage } from '../../../src/app/storage/runStorage.ts';
import { makeRun } from '../../unit/app/fakeSession.ts';

const name = 'dimmer-test';
afterEach(() => deleteDB(name));

test('runs outlive the page that stored them, oldest first', async () => {
  const storage = openRunStorage(name);
  await storage.put(makeRun('late', { createdAt: 2 }));
  await storage.put(makeRun('early', { createdAt: 1 }));
  const reopened = await openRunStorage(name).all();
  expect(reopened.map(({ id }) => id)).toEqual(['early', 'late']);
  expect(reopened[0]).toEqual(makeRun('early', { createdAt: 1 }));
});

const waiting = (id: string, order: number): QueuedTicket => ({
  id,
  name: id,
  settings: makeRun('a').asked,
  datasetKey: 'tiny',
  superseded: false,
  queued: { order, comparison: 'c', datasetName: 'tiny', sample: null },
});

test('runs that wait outlive the page too, in their order, until they have ended', async () => {
  const storage = openRunStorage(name);
  await storage.putWaiting([waiting('second', 2), waiting('third', 3), waiting('first', 1)]);
  await storage.removeWaiting(['third', 'never stored']);
  expect(await openRunStorage(name).waiting()).toEqual([waiting('first', 1), waiting('second', 2)]);
});

test('runs of a page that knew no queue are kept', async () => {
  const older = await openDB(name, 1, {
    upgrade: (database) => void database.createObjectStore('runs', { keyPath: 'id' }),
  });
  await older.put('runs', makeRun('old'));
  older.close();
  const storage = openRunStorage(name);
  expect((await storage.all()).map(({ id }) => id)).toEqual(['old']);
  expect(await storage.waiting()).toEqual([]);
});

test('a removed run is gone, and a changed one is stored once', async () => {
  const storage = openRunStorage(name);
  await storage.put(makeRun('a'));
  await storage.put(makeRun('a', { name: 'renamed' }));
  await storage.put(makeRun('b'));
  await storage.remove(['b', 'never stored']);
  expect((await storage.all()).map((run) => run.name)).toEqual(['renamed']);
});
