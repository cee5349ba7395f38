import type { Content, TextPiece } from './containers/content.ts';
import { DataError } from './containers/errors.ts';
import { findTableShape, type TableShape } from './dialect.ts';
import { avazuLayout, isAvazu } from './formats/avazu.ts';
import { criteoLayout, isCriteo, isCriteoWithoutLabel } from './formats/criteo.ts';
import type { Head, Layout } from './formats/layout.ts';
import {
  isMovielensCsv,
  movielensCsvLayout,
  movielensLayout,
  recogniseMovielens,
} from './formats/movielens.ts';
import type { LoadOptions } from './source.ts';
import { type EachRecord, isBlank, RecordParser } from './records.ts';

/** Characters that are looked at to recognise a format and guess roles. */
const headLength = 1 << 18;
const longestFirstLine = 1 << 20;
/** Lines that a format without a header is recognised by. */
const linesLookedAt = 20;

/**
 * Takes the beginning of a file from its pieces, which it returns too; the last line may be torn unless `complete`. Throws DataError.
 */
export async function readHead(
  { pieces, columns }: Content,
  file: string,
): Promise<{ readonly head: Head; readonly taken: TextPiece[] }> {
  const taken: TextPiece[] = [];
  let text = '';
  let complete = true;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    text += next.value.text;
    taken.push(next.value);
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
  return { head: { text, complete, newline, statesColumns: columns !== null }, taken };
}

/** True: the text begins like a file of a format that is known by name. */
export function isKnownFormat(text: string): boolean {
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  try {
    const head = { text, complete: false, newline, statesColumns: false } as const;
    return recognise(head, { format: null }, '').layout !== null;
  } catch {
    return false;
  }
}

/** A known format, or the shape of a table whose columns the profile tells. */
export type Recognised = { readonly layout: Layout } | { readonly layout: null; readonly shape: TableShape };

/** By content, or the format that the options insist on. Throws DataError. */
export function recognise(head: Head, options: Pick<LoadOptions, 'format'>, file: string): Recognised {
  const { format } = options;
  const lines = head.statesColumns ? [] : firstLines(head);
  if (format === 'criteo' || (format === null && isCriteo(lines)))
    return { layout: criteoLayout(head.newline) };
  const movielens = format === 'table' ? null : recogniseMovielens(lines);
  if (format === 'movielens-tab' || format === 'movielens-colons' || (format === null && movielens)) {
    const usual = { separator: format === 'movielens-colons' ? '::' : '\t', width: 4 } as const;
    const { separator, width } = movielens ?? usual;
    return { layout: movielensLayout(separator, width, head.newline) };
  }
  if (format === null && isCriteoWithoutLabel(lines)) {
    throw new DataError(
      'this is a Criteo file without labels (39 columns, not 40).',
      { file, line: 1 },
      'Drop the training file (train.txt): the test file of the competition cannot be trained on.',
    );
  }
  return recogniseHeader(head, format, file);
}

/** Lines that a format without a header is recognised by; the last line of the head may be torn. */
function firstLines(head: Head): readonly string[] {
  const lines = head.text.split(head.newline, linesLookedAt + 1);
  if (lines.length > linesLookedAt || !head.complete) lines.pop();
  return lines.map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '');
}

function recogniseHeader(head: Head, format: LoadOptions['format'], file: string): Recognised {
  const shape = findTableShape(head, file);
  const { header, rows, firstLine } = shape;
  if (rows.length === 0 && head.complete) {
    throw new DataError(
      'the file holds no lines of data.',
      { file, line: firstLine },
      'Drop a file with lines below its header.',
    );
  }
  const names = header?.map((name) => name.trim()) ?? [];
  if (format === 'avazu' || (format === null && isAvazu(names))) return { layout: avazuLayout(shape, names) };
  if (isMovielensCsv(names) && format !== 'table') {
    const mark = rows.some((row) => /^\d+,\d+$/.test(row[2] ?? '')) ? ',' : '.';
    return { layout: movielensCsvLayout(shape, names, { kind: 'number', mark, words: false }) };
  }
  if (format === 'movielens-csv') {
    throw new DataError(
      'the first line is not userId,movieId,rating,timestamp.',
      { file, line: firstLine },
      'Load it as a table and give each column its role.',
    );
  }
  return { layout: null, shape };
}

/** The first lines of the head as cells, the header left out. Throws DataError. */
export function firstRows(head: Head, layout: Layout, count: number, file: string): string[][] {
  const rows: string[][] = [];
  const { dialect, firstLine, header } = layout;
  const collect: EachRecord = (cells, line) => {
    const isAbove = line < firstLine || (line === firstLine && header !== null);
    if (!isAbove && !isBlank(cells) && rows.length < count) rows.push(cells);
  };
  const parser = new RecordParser(dialect, file);
  parser.push(head.text, collect);
  if (head.complete) parser.end(collect);
  return rows;
}
