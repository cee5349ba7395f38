import { DataError } from './errors.ts';

/** Lines at the beginning of a file that a header may lie below. */
const linesCompared = 20;
const delimiters = ['\t', ',', ';', '|', '::'];

/** What the beginning of a text file shows of its columns. */
export interface HeadLines {
  /** The first lines that are not blank, without their ends. */
  readonly lines: readonly string[];
  /** The first line names columns: none of its cells is empty or a number. */
  readonly names: readonly string[] | null;
  /** Cells of the first line; 1: this is no table. */
  readonly width: number;
}

/** `text`: the beginning of a file. */
export function readHeadLines(text: string): HeadLines {
  const lines = text
    .split(/\r\n|\n|\r/, 4 * linesCompared)
    .filter((line) => line.trim() !== '')
    .slice(0, linesCompared);
  const delimiter = delimiters
    .map((candidate) => ({ candidate, width: commonWidth(lines, candidate) }))
    .reduce((best, next) => (next.width > best.width ? next : best)).candidate;
  const cells = splitLine(lines[0] ?? '', delimiter);
  const isHeader = cells.length > 1 && cells.every((cell) => cell !== '' && Number.isNaN(Number(cell)));
  return { lines, names: isHeader ? cells : null, width: cells.length };
}

/** The least number of cells in the lines: a delimiter is in all of them. */
function commonWidth(lines: readonly string[], delimiter: string): number {
  return Math.min(...lines.slice(0, 10).map((line) => splitLine(line, delimiter).length), 1e6);
}

function splitLine(line: string, delimiter: string): string[] {
  const unquoted = line.replaceAll(/"(?:[^"]|"")*"/g, (quoted) =>
    quoted.slice(1, -1).replaceAll(delimiter, '\uE000'),
  );
  return unquoted.split(delimiter).map((cell) => cell.replaceAll('\uE000', delimiter).trim());
}

/**
 * Lines at the beginning of a further part that say what those of the first part said: its header. Throws DataError where the two
 * have different columns.
 */
export function countRepeatedLines(
  first: HeadLines,
  part: HeadLines,
  firstPath: string,
  path: string,
): number {
  let repeated = 0;
  while (
    repeated < Math.min(first.lines.length, part.lines.length) &&
    first.lines[repeated] === part.lines[repeated] &&
    readHeadLines(first.lines[repeated]).names !== null
  ) {
    repeated++;
  }
  if (repeated > 0) return repeated;
  if (part.lines.length === 0) return 0;
  const isOtherHeader = first.names !== null && part.names?.some((name) => first.names?.includes(name));
  if (isOtherHeader) throw differentColumns(firstPath, first.names ?? [], path, part.names ?? []);
  if (first.width !== part.width) {
    throw new DataError(
      `its lines have ${part.width} columns, and those of ${firstPath} have ${first.width}.`,
      { file: path },
      'Drop files with the same columns, or one of them.',
    );
  }
  return 0;
}

/** Names which columns one file has and the other has not. */
export function differentColumns(
  firstPath: string,
  first: readonly string[],
  path: string,
  names: readonly string[],
): DataError {
  const missing = first.filter((name) => !names.includes(name));
  const added = names.filter((name) => !first.includes(name));
  const parts = [
    ...(missing.length > 0 ? [`it lacks ${listNames(missing)}`] : []),
    ...(added.length > 0 ? [`it has ${listNames(added)} besides`] : []),
  ];
  const how = parts.length > 0 ? parts.join(', and ') : 'they come in another order';
  return new DataError(
    `its columns are not those of ${firstPath}: ${how}.`,
    { file: path },
    'Drop files with the same columns, or one of them.',
  );
}

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `“${name.slice(0, 40)}”`);
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
}
