import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppState } from '../../../src/app/appState.ts';
import {
  budgetScale,
  budgetTicks,
  BUDGET_POSITIONS,
  toBudget,
  toPosition,
} from '../../../src/app/sizes/budgetScale.ts';
import { createPersistentStore, followInAddress, readLink, writeLink } from '../../../src/app/preferences.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as unknown as Storage;
}

const noLink = new URLSearchParams();

test('settings and looks survive a reload; runs and data do not go there', () => {
  const storage = memoryStorage();
  const store = createPersistentStore(storage, noLink);
  store.setState({ settings: { ...store.getState().settings, alpha: 0.42 }, theme: 'dark', queueHeld: true });
  vi.advanceTimersByTime(400);
  const reloaded = createPersistentStore(storage, noLink).getState();
  expect(reloaded.settings.alpha).toBe(0.42);
  expect(reloaded.theme).toBe('dark');
  expect(reloaded.queueHeld).toBe(false);
});

test('a drag is written once', () => {
  const storage = memoryStorage();
  const write = vi.spyOn(storage, 'setItem');
  const store = createPersistentStore(storage, noLink);
  for (let i = 0; i < 100; i++)
    store.setState({ settings: { ...store.getState().settings, alpha: i / 100 } });
  vi.advanceTimersByTime(400);
  expect(write).toHaveBeenCalledTimes(1);
});

test('what is stored is checked: a value out of range becomes the default', () => {
  const storage = memoryStorage();
  storage.setItem('dimmer', JSON.stringify({ state: { settings: { alpha: 7, blocks: 8 } }, version: 1 }));
  expect(createPersistentStore(storage, noLink).getState().settings).toMatchObject({ alpha: 0.3, blocks: 8 });
  storage.setItem('dimmer', '{ torn');
  expect(createPersistentStore(storage, noLink).getState().settings.alpha).toBe(0.3);
});

test('a link wins over what is stored, and cannot bypass the limits', () => {
  const storage = memoryStorage();
  storage.setItem('dimmer', JSON.stringify({ state: { settings: { alpha: 0.6 } }, version: 1 }));
  const { settings, sample } = createPersistentStore(
    storage,
    new URLSearchParams('a=0.2&k=99&data=ratings'),
  ).getState();
  expect(settings).toMatchObject({ alpha: 0.2, blocks: 1 });
  expect(sample).toBe('ratings');
});

test('a comparison of a version without axes has none, and one with axes keeps them', () => {
  const storage = memoryStorage();
  const restore = (comparison: object) => {
    storage.setItem('dimmer', JSON.stringify({ state: { comparison }, version: 1 }));
    return createPersistentStore(storage, noLink).getState().comparison;
  };
  const choices = { methods: ['uniform'], budgets: '1/3', seeds: 4 };
  expect(restore(choices)).toEqual({ ...choices, axes: [], rates: 5 });
  const axes = [{ name: 'alpha', values: '0, 0.5' }];
  expect(restore({ ...choices, axes, rates: 7 })).toEqual({ ...choices, axes, rates: 7 });
});

const noticesOf = (storage: Storage | undefined, link = noLink): readonly string[] =>
  createPersistentStore(storage, link)
    .getState()
    .notices.map(({ title, remedy }) => `${title} ${remedy}`);

test('what of stored choices cannot be used is named once and left at its default, the rest is kept', () => {
  const storage = memoryStorage();
  const state = {
    settings: { alpha: 7, blocks: 8, magic: 1 },
    theme: 'neon',
    comparison: { methods: ['uniform'], budgets: 3, seeds: 2 },
    runView: 'seeds',
    notices: 'none',
    __proto__: { split: 'train' },
  };
  storage.setItem('dimmer', JSON.stringify({ state, version: 1 }));
  const store = createPersistentStore(storage, noLink).getState();
  expect(store).toMatchObject({ theme: 'system', runView: 'seeds', split: 'test', settings: { blocks: 8 } });
  expect(store.comparison).toEqual(createPersistentStore(undefined, noLink).getState().comparison);
  expect(noticesOf(storage)).toEqual([
    'Choices of an earlier visit cannot be used: Temperature α, “magic”, theme, and 1 more. They are at their defaults again; choose them anew.',
  ]);
});

test.each([
  '{ torn',
  'null',
  '7',
  '"text"',
  '[]',
  '{"state":7,"version":1}',
  '{"state":{"settings":[1]},"version":0}',
])('the page opens whatever is stored: %s', (text) => {
  const storage = memoryStorage();
  storage.setItem('dimmer', text);
  expect(createPersistentStore(storage, noLink).getState().settings).toEqual(
    createPersistentStore(undefined, noLink).getState().settings,
  );
  if (text === '{ torn') expect(noticesOf(storage)[0]).toContain('all of them');
});

test('what of a link cannot be used is named, and the rest is used', () => {
  const link = new URLSearchParams('a=9&k=8&data=films&zz=1&n=1&n=2');
  expect(readLink(link).settings).toMatchObject({ alpha: 0.3, blocks: 8 });
  const [notice] = noticesOf(undefined, link);
  expect(notice).toContain('Temperature α (alpha) cannot be 9. Give a number from 0 to 1.');
  expect(notice).toContain('Batch (batch) cannot be “1 and 2”.');
  expect(readLink(link).problems).toHaveLength(4);
  expect(readLink(new URLSearchParams('alpha=1')).problems).toEqual([
    'This version knows nothing called “alpha”.',
  ]);
});

test('a link that says nothing of settings leaves the stored ones', () => {
  const storage = memoryStorage();
  storage.setItem('dimmer', JSON.stringify({ state: { settings: { alpha: 0.6 } }, version: 1 }));
  for (const [text, alpha] of [
    ['somewhere', 0.6],
    ['data=ratings', 0.3],
    ['k=8&utm=1', 0.3],
  ] as const)
    expect(createPersistentStore(storage, new URLSearchParams(text)).getState().settings.alpha).toBe(alpha);
});

test('a link written from a state opens in that state', () => {
  const store = createPersistentStore(undefined, noLink);
  const { settings: before } = store.getState();
  const settings = { ...before, alpha: 0.15, budget: 42_000, method: 'hashing' as const, vectorDim: 32 };
  const dataset = { format: 'sample' } as AppState['dataset'];
  store.setState({ settings, dataset, sample: 'ratings' });
  const link = new URLSearchParams(writeLink(store.getState()));
  expect(readLink(link)).toEqual({ settings, sample: 'ratings', problems: [] });
});

test('the address follows 300 ms after the last change', () => {
  const store = createPersistentStore(undefined, noLink);
  const written: string[] = [];
  const stop = followInAddress(store, {
    location: { pathname: '/', search: '' },
    history: { replaceState: (_: unknown, __: string, url: string) => void written.push(url) },
  } as unknown as Window);
  for (const alpha of [0.1, 0.2, 0.25]) store.setState({ settings: { ...store.getState().settings, alpha } });
  vi.advanceTimersByTime(299);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(written).toEqual(['#a=0.25']);
  stop();
});

test('the budget slider is log-spaced, reaches both ends, and comes back to the same place', () => {
  const scale = budgetScale(24_000, 1_500_000);
  expect(toBudget(scale, 0)).toBe(24_000);
  expect(toBudget(scale, BUDGET_POSITIONS)).toBe(1_500_000);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: BUDGET_POSITIONS }), (position) => {
      expect(Math.abs(toPosition(scale, toBudget(scale, position)) - position)).toBeLessThan(1);
    }),
  );
  for (const { position } of budgetTicks(scale)) expect(position).toBeGreaterThanOrEqual(0);
});
