import { type Column, type Layout, mostLines, type Newline } from './layout.ts';

const columns: readonly Column[] = [
  { name: 'user', role: 'category' },
  { name: 'item', role: 'category' },
  { name: 'rating', role: 'label' },
  { name: 'timestamp', role: 'time' },
];

/** u.data of MovieLens 100K: user, item, rating, timestamp; TAB, no header. */
export function movielensTabLayout(newline: Newline): Layout {
  const dialect = { delimiter: '\t', newline, quotes: false };
  return { format: 'movielens-tab', dialect, header: false, columns, labels: 'rating', warnings: [] };
}

/** ratings.dat of MovieLens 1M and 10M: the same columns with `::` between them. */
export function movielensColonsLayout(newline: Newline): Layout {
  const dialect = { delimiter: '::', newline, quotes: false };
  return { format: 'movielens-colons', dialect, header: false, columns, labels: 'rating', warnings: [] };
}

/** ratings.csv of every newer MovieLens: header userId,movieId,rating,timestamp. */
export function movielensCsvLayout(header: readonly string[], newline: Newline): Layout {
  return {
    format: 'movielens-csv',
    dialect: { delimiter: ',', newline, quotes: true },
    header: true,
    columns: header.map((name, i) => ({ name, role: columns[i].role })),
    labels: 'rating',
    warnings: [],
  };
}

const isMovielensCells = (cells: readonly string[]) =>
  cells.length === 4 && cells.every((cell, i) => (i === 2 ? /^\d+(\.\d+)?$/ : /^\d+$/).test(cell.trim()));

export function isMovielensTab(lines: readonly string[]): boolean {
  return mostLines(lines, (line) => isMovielensCells(line.split('\t')));
}

export function isMovielensColons(lines: readonly string[]): boolean {
  return mostLines(lines, (line) => isMovielensCells(line.split('::')));
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
