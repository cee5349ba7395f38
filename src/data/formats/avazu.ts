import type { TableShape } from '../dialect.ts';
import { type Column, knownLines, type Layout, uniqueNames } from './layout.ts';

const required = ['click', 'hour', 'banner_pos', 'site_id', 'app_id', 'device_id'];

/**
 * Avazu Kaggle click-through: a CSV whose header names its columns. `id` is unique and ignored;
 * `hour` (YYMMDDHH) is the time, and its last two digits become the category `hour_of_day`; all
 * others, C1 and C14…C21 included, are categories.
 */
export function avazuLayout({ dialect, firstLine }: TableShape, header: readonly string[]): Layout {
  const { names, warnings } = uniqueNames(header);
  const columns = names.map(avazuColumn);
  return { ...knownLines, format: 'avazu', dialect, firstLine, header, columns, labels: 'click', warnings };
}

function avazuColumn(name: string): Column {
  if (name === 'id') return { name, role: 'ignore' };
  if (name === 'click') return { name, role: 'label' };
  if (name === 'hour') {
    return { name, role: 'time', derived: { name: 'hour_of_day', category: 'last-two' } };
  }
  return { name, role: 'category' };
}

export function isAvazu(header: readonly string[]): boolean {
  return required.every((name) => header.includes(name));
}
