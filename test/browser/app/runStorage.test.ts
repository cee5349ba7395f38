import { deleteDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
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

test('a removed run is gone, and a changed one is stored once', async () => {
  const storage = openRunStorage(name);
  await storage.put(makeRun('a'));
  await storage.put(makeRun('a', { name: 'renamed' }));
  await storage.put(makeRun('b'));
  await storage.remove(['b', 'never stored']);
  expect((await storage.all()).map((run) => run.name)).toEqual(['renamed']);
});
