import type { Content } from './containers/content.ts';
import { DataError } from './containers/errors.ts';
import { avazuLayout, isAvazu } from './formats/avazu.ts';
import { criteoLayout, isCriteo, isCriteoWithoutLabel } from './formats/criteo.ts';
import type { Head, Layout } from './formats/layout.ts';
import {
  isMovielensColons,
  isMovielensCsv,
  isMovielensTab,
  movielensColonsLayout,
  movielensCsvLayout,
  movielensTabLayout,
} from './formats/movielens.ts';
import { looksHeaderless, readTableHead, tableLayout } from './formats/table.ts';
import type { LoadOptions } from './source.ts';
import { isBlank, RecordParser } from './records.ts';

/** Characters that are looked at to recognise a format and guess roles. */
const headLength = 1 << 18;
const longestFirstLine = 1 << 20;
/** Lines that a format without a header is recognised by. */
const linesLookedAt = 20;

/**
 * Takes the beginning of a file from its pieces, and says how many bytes of it are read; the last line may be torn unless
 * `complete`. Throws DataError.
 */
export async function readHead(
  { pieces, columns }: Content,
  file: string,
): Promise<{ readonly head: Head; readonly bytes: number }> {
  let text = '';
  let bytes = 0;
  let complete = true;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    text += next.value.text;
    bytes = next.value.bytes;
    if (text.length >= headLength && (/[\r\n]/.test(text) || text.length > longestFirstLine)) {
      complete = false;
      break;
    }
  }
  if (text.trim() === '') {
    throw new DataError(
      'the file is empty.',
      { file },
      'Drop a file that holds at least some lines of data.',
    );
  }
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  if (!complete && !text.includes(newline)) {
    throw new DataError(
      'the line is longer than 1 MB.',
      { file, line: 1 },
      'The file must be a table with one example a line: CSV, TSV, or a MovieLens or Criteo download.',
    );
  }
  return { head: { text, complete, newline, statesColumns: columns !== null }, bytes };
}

/** True: the text begins like a file of a format that is known by name. */
export function isKnownFormat(text: string): boolean {
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  try {
    const head = { text, complete: false, newline, statesColumns: false } as const;
    return chooseLayout(head, { format: null, roles: null }, '').format !== 'table';
  } catch {
    return false;
  }
}

/** By content, or the format and roles that the options insist on. Throws DataError. */
export function chooseLayout(
  head: Head,
  options: Pick<LoadOptions, 'format' | 'roles'>,
  file: string,
): Layout {
  const { newline } = head;
  switch (options.format ?? (head.statesColumns ? null : recogniseLines(head, file))) {
    case 'criteo':
      return criteoLayout(newline);
    case 'movielens-tab':
      return movielensTabLayout(newline);
    case 'movielens-colons':
      return movielensColonsLayout(newline);
    default:
      return chooseHeaderLayout(head, options, file);
  }
}

/** The formats without a header; null: there should be one. */
function recogniseLines(head: Head, file: string): 'criteo' | 'movielens-tab' | 'movielens-colons' | null {
  const lines = head.text.split(head.newline, linesLookedAt + 1);
  if (lines.length > linesLookedAt || !head.complete) lines.pop();
  const present = lines.map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '');
  if (isCriteo(present)) return 'criteo';
  if (isMovielensTab(present)) return 'movielens-tab';
  if (isMovielensColons(present)) return 'movielens-colons';
  if (isCriteoWithoutLabel(present)) {
    throw new DataError(
      'this is a Criteo file without labels (39 columns, not 40).',
      { file, line: 1 },
      'Drop the training file (train.txt): the test file of the competition cannot be trained on.',
    );
  }
  return null;
}

function chooseHeaderLayout(
  head: Head,
  options: Pick<LoadOptions, 'format' | 'roles'>,
  file: string,
): Layout {
  const { format, roles } = options;
  const { newline } = head;
  const table = readTableHead(head, file);
  const { header } = table;
  const fail = (problem: string, remedy: string): never => {
    throw new DataError(problem, { file, line: 1 }, remedy);
  };
  if (table.rows.length === 0 && head.complete) {
    fail('the file holds no lines of data.', 'Drop a file with lines below its header.');
  }
  if (format === 'avazu' || (format === null && isAvazu(header))) return avazuLayout(header, newline);
  if (isMovielensCsv(header) && format !== 'table') return movielensCsvLayout(header, newline);
  if (format === 'movielens-csv') {
    fail(
      'the first line is not userId,movieId,rating,timestamp.',
      'Load it as a table and give each column its role.',
    );
  }
  if (!head.statesColumns && looksHeaderless(table)) {
    fail(
      'the first line holds data, not column names.',
      'Add a first line that names the columns, for example: label,user,item,hour.',
    );
  }
  if (roles !== null && roles.length !== header.length) {
    fail(
      `${roles.length} roles were given for ${header.length} columns.`,
      `Give one role a column: ${header.join(', ')}.`,
    );
  }
  return tableLayout(table, roles);
}

/** The rows of the head as text, the header left out. */
export function firstRows(head: Head, layout: Layout, file: string): string[][] {
  const rows: string[][] = [];
  const collect = (cells: string[]) => {
    if (!isBlank(cells)) rows.push(cells);
  };
  const parser = new RecordParser(layout.dialect, file);
  parser.push(head.text, collect);
  if (head.complete) parser.end(collect);
  return layout.header ? rows.slice(1) : rows;
}
