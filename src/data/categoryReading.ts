import { isMissing } from './missing.ts';

/** What a cell of a category stands for. */
export type CategoryReading =
  /** Itself. */
  | 'verbatim'
  /** Itself, but everything that says that there is no value is one value. */
  | 'value'
  /** The same, and 7.0 is 7. */
  | 'integer'
  /** Its last two characters: the hour of YYMMDDHH. */
  | 'last-two'
  /** Of a list: 1 where `part` is one of its parts, else 0. */
  | { readonly separator: string; readonly part: string }
  /** Of a list: its part of that number, from 0; nothing where it has fewer. */
  | { readonly separator: string; readonly index: number };

export function readCategory(reading: CategoryReading, cell: string): string {
  if (typeof reading === 'object') {
    const parts = isMissing(cell) ? [] : partsOf(cell, reading.separator);
    if ('index' in reading) return parts[reading.index] ?? '';
    return parts.includes(reading.part) ? '1' : '0';
  }
  switch (reading) {
    case 'verbatim':
      return cell;
    case 'last-two':
      return cell.slice(-2);
    default:
      if (isMissing(cell)) return '';
      return reading === 'integer' && cell.endsWith('.0') && /^\d+\.0$/.test(cell) ? cell.slice(0, -2) : cell;
  }
}

/** The parts of a cell such as a|b|c, without the blanks around them. */
export function partsOf(cell: string, separator: string): readonly string[] {
  return cell
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
