import type { Dimmer } from '../dimmer.ts';
import { type Command, commandList } from './commands.ts';

interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The pressed keys in the form of Command.keys. */
function describePress({ key, ctrlKey, metaKey, altKey }: KeyPress): string {
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const shifted = isLetter && key === key.toUpperCase();
  return `${ctrlKey || metaKey ? 'Mod+' : ''}${altKey ? 'Alt+' : ''}${shifted ? 'Shift+' : ''}${key}`;
}

export function findCommand(press: KeyPress): Command | undefined {
  const pressed = describePress(press);
  return commandList.find((command) => command.keys.includes(pressed));
}

/** Whether the focused element uses the key itself: text boxes, menus and dialogs any key, buttons Space. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  const editable =
    'textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio])';
  if (target.closest(editable)) return true;
  if (target.closest('[role=menu], [role=dialog]')) return true;
  return key === ' ' && target.closest('button, a, summary, input, [role=button], [role=radio]') !== null;
}

/** Performs commands on their keys. Returns a function that stops it. */
export function listenToKeys(dimmer: Dimmer, page: Document): () => void {
  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTaken(event.target, event.key)) return;
    const { dialog, preview } = dimmer.store.getState();
    if (dialog || preview) return;
    const command = findCommand(event);
    if (!command?.enabled(dimmer.store.getState())) return;
    event.preventDefault();
    command.perform(dimmer);
  }
  page.addEventListener('keydown', onKeyDown);
  return () => page.removeEventListener('keydown', onKeyDown);
}

const names: Readonly<Record<string, string>> = { ' ': 'Space', '-': '−' };

/** The keys as people read them, as ['Ctrl', 'Shift', 'Z']. */
export function keyCaps(keys: string, isMac: boolean): readonly string[] {
  const parts = keys === '+' ? ['+'] : keys.split('+');
  return parts.map((part) => {
    if (part === 'Mod') return isMac ? '⌘' : 'Ctrl';
    return names[part] ?? (part.length === 1 ? part.toUpperCase() : part);
  });
}
