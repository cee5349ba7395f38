import { wordsOf } from './labelGuess.ts';
import type { ColumnProfile } from './profile/profile.ts';

const userWords = new Set(
  'user users uid userid customer customerid member visitor visitorid reader viewer listener account cookie session client reviewer buyer person profile'.split(
    ' ',
  ),
);
const itemWords = new Set(
  'item items iid itemid product productid movie movieid film book isbn song track artist album game article news video post listing offer goods sku asin business place poi venue recipe course anime ad'.split(
    ' ',
  ),
);

function isUserName(name: string): boolean {
  return wordsOf(name).some((word) => userWords.has(word));
}

function isItemName(name: string): boolean {
  return !isUserName(name) && wordsOf(name).some((word) => itemWords.has(word));
}

/** The first is the user, unless the names say that it is the other way round. */
export function isItemFirst([first, second]: readonly string[]): boolean {
  return isItemName(first) && isUserName(second);
}

/**
 * The columns of a log that can be its user and its item: those whose names say so, or else its only two categories. null: it has
 * none. `categories`: columns that would be categories.
 */
export function findUserAndItem(
  columns: readonly ColumnProfile[],
  categories: readonly number[],
): { readonly user: number; readonly item: number; readonly isNamed: boolean } | null {
  const user = categories.find((i) => isUserName(columns[i].name));
  const item = categories.find((i) => isItemName(columns[i].name));
  if (user !== undefined && item !== undefined) return { user, item, isNamed: true };
  return categories.length === 2 ? { user: categories[0], item: categories[1], isNamed: false } : null;
}
