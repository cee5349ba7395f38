import type { TableShape } from '../dialect.ts';
import type { LabelReading } from '../labelReading.ts';
import { type Column, knownLines, type Layout, mostLines, type Newline, plainDialect } from './layout.ts';

const columns: readonly Column[] = [
  { name: 'user', role: 'category' },
  { name: 'item', role: 'category' },
  { name: 'rating', role: 'label' },
  { name: 'timestamp', role: 'time' },
];

/** Between the columns of files without a header. A blank: any number of blanks. */
export type MovielensSeparator = '\t' | '::' | ' ';

/**
 * u.data of MovieLens 100K (TAB) and ratings.dat of 1M and 10M (`::`): user, item, rating and, unless it is left out, a
 * timestamp; no header. Copies have blanks between the columns.
 */
export function movielensLayout(separator: MovielensSeparator, width: number, newline: Newline): Layout {
  return {
    ...knownLines,
    format: separator === '::' ? 'movielens-colons' : 'movielens-tab',
    dialect: { ...plainDialect(separator, newline), trims: true },
    columns: columns.slice(0, width),
    labels: 'rating',
  };
}

/** ratings.csv of every newer MovieLens: header userId,movieId,rating,timestamp; with any separator. */
export function movielensCsvLayout(
  { dialect, firstLine }: TableShape,
  header: readonly string[],
  labelReading: LabelReading,
): Layout {
  return {
    ...knownLines,
    format: 'movielens-csv',
    dialect,
    firstLine,
    header,
    columns: header.map((name, i) => ({ name, role: columns[i].role })),
    labels: 'rating',
    labelReading,
  };
}

/** What separates the columns, and how many there are; null: these are no such lines. */
export function recogniseMovielens(
  lines: readonly string[],
): { readonly separator: MovielensSeparator; readonly width: number } | null {
  for (const separator of ['\t', '::', ' '] as const) {
    const rows = lines.map((line) => line.trim().split(separator === ' ' ? / +/ : separator));
    for (const width of [4, 3]) {
      const isHeader = rows[0]?.length === width && !rows[0].some((cell) => /^[\d.]*$/.test(cell));
      if (isHeader) continue;
      if (mostLines(rows, (cells) => cells.length === width && isRating(cells))) return { separator, width };
    }
  }
  return null;
}

/** Without a timestamp the rating must look like one. */
function isRating(cells: readonly string[]): boolean {
  const rating = cells.length === 4 ? /^\d+(\.\d+)?$/ : /^([0-9]|10)(\.\d)?$/;
  return cells.every((cell, i) => (i === 2 ? rating : /^\d+$/).test(cell.trim()));
}

export function isMovielensCsv(header: readonly string[]): boolean {
  const names = header.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const [user, item, rating, time] = names;
  return (
    user === 'userid' &&
    (item === 'movieid' || item === 'itemid') &&
    rating === 'rating' &&
    (names.length === 3 || (names.length === 4 && time === 'timestamp'))
  );
}
