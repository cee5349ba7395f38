import { describe, expect, test } from 'vitest';
import { commandList } from '../../../src/app/commands/commands.ts';
import { findCommand, keyCaps } from '../../../src/app/commands/keyboard.ts';
import { openSession } from './fakeSession.ts';

const press = (key: string, modifiers: { ctrlKey?: boolean; metaKey?: boolean } = {}) =>
  findCommand({ key, ctrlKey: false, metaKey: false, altKey: false, ...modifiers })?.id;

describe('the registry of commands', () => {
  test('gives no key to two commands', () => {
    const keys = commandList.flatMap((command) => command.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('has the keys that the page promises', () => {
    expect([' ', '.', 'r', '[', ']', '-', '=', '?'].map((key) => press(key))).toEqual([
      'play',
      'step',
      'restart',
      'lowerAlpha',
      'raiseAlpha',
      'lowerBudget',
      'raiseBudget',
      'help',
    ]);
    expect(press('z', { ctrlKey: true })).toBe('undo');
    expect(press('Z', { ctrlKey: true })).toBe('redo');
    expect(press('z', { metaKey: true })).toBe('undo');
    expect(press('R')).toBe('newSeed');
  });

  test('leaves the browser’s own shortcuts alone', () => {
    expect(press('r', { ctrlKey: true })).toBeUndefined();
    expect(press('-', { ctrlKey: true })).toBeUndefined();
  });

  test('writes keys as keyboards do', () => {
    expect(keyCaps('Mod+Shift+Z', false)).toEqual(['Ctrl', 'Shift', 'Z']);
    expect(keyCaps(' ', false)).toEqual(['Space']);
    expect(keyCaps('+', true)).toEqual(['+']);
  });
});

test('every enabled command can be performed, and none that is disabled does harm', async () => {
  for (const command of commandList) {
    const { dimmer } = await openSession();
    expect(() => command.perform(dimmer), command.id).not.toThrow();
  }
});

test('α and budget keys stay within their limits', async () => {
  const { dimmer } = await openSession();
  const perform = (id: string) => commandList.find((command) => command.id === id)!.perform(dimmer);
  for (let i = 0; i < 40; i++) perform('raiseAlpha');
  expect(dimmer.store.getState().settings.alpha).toBe(1);
  for (let i = 0; i < 40; i++) perform('lowerAlpha');
  expect(dimmer.store.getState().settings.alpha).toBe(0);
  for (let i = 0; i < 60; i++) perform('lowerBudget');
  expect(dimmer.store.getState().allocation).not.toBeNull();
  const smallest = dimmer.store.getState().budget;
  for (let i = 0; i < 60; i++) perform('raiseBudget');
  expect(dimmer.store.getState().budget).toBeGreaterThan(10 * smallest);
  dimmer.settings.commit();
});
