import type { TableShape } from '../dialect.ts';
import type { DecimalMark } from '../numberText.ts';
import type { Steps } from '../containers/pace.ts';
import { isBlank, RecordParser } from '../records.ts';
import { ColumnProfiler } from './columnProfiler.ts';
import { malformedQuotes, repeatedHeader } from '../rowReader.ts';
import { blankLine, wrongWidth } from '../skipped.ts';
import type { Profile, UnfitLines } from './profile.ts';
import type { TextSample } from './textSample.ts';

/** Different values counted exactly, of one column and of all. */
const maxValues = 1 << 16;
const maxValuesInAll = 1 << 21;
/** Characters parsed between two yields. */
const stepLength = 1 << 16;

/** Parses a sample of a table and gathers what each column says. Throws DataError. */
export function* profileTable(
  sample: TextSample,
  { dialect, header, firstLine, width }: Pick<TableShape, 'dialect' | 'header' | 'firstLine' | 'width'>,
  names: readonly string[],
  file: string,
): Steps<Profile> {
  const exact = Math.max(64, Math.min(maxValues, Math.floor(maxValuesInAll / width)));
  const profilers = names.map((name) => new ColumnProfiler(name, exact));
  const repeated = header?.join('\n');
  let rows = 0;
  const unfit = new UnfitTally();
  for (const [i, text] of sample.texts.entries()) {
    const isStart = i === 0;
    const each = (cells: string[], line: number, malformed: boolean) => {
      if (isStart && (line < firstLine || (line === firstLine && header !== null))) return;
      rows++;
      const isRepeated = cells[0] === header?.[0] && cells.join('\n') === repeated;
      const reason = reasonToSkip(cells, width, malformed, isRepeated);
      if (reason !== null) unfit.add(reason, isStart ? line : null);
      // A short line may lack its last cells, and the others are worth a look; one much shorter is something else.
      const isShort = isStart && cells.length < width && cells.length >= Math.max(2, width / 2);
      if (reason !== null && (malformed || !isShort || isBlank(cells))) return;
      for (let column = 0; column < profilers.length; column++) profilers[column].add(cells[column] ?? '');
    };
    const parser = new RecordParser(dialect, file);
    for (let at = 0; at < text.length; at += stepLength) {
      parser.push(text.slice(at, at + stepLength), each);
      yield;
    }
    if (!isStart || sample.isWhole) parser.end(each);
  }
  const marks = profilers.map((profiler) => profiler.close());
  const usual = usualMark(marks, dialect.delimiter);
  yield;
  const columns = profilers.map((profiler, i) => profiler.describe(marks[i] ?? usual));
  return { columns, rows, unfit: unfit.list(), isWhole: sample.isWhole, sample: sample.description };
}

/** Why loading leaves a line out whatever the roles are; null: it does not. */
function reasonToSkip(
  cells: readonly string[],
  width: number,
  malformed: boolean,
  isRepeated: boolean,
): string | null {
  if (malformed) return malformedQuotes.reason;
  if (isRepeated) return repeatedHeader.reason;
  if (cells.length === width) return null;
  return isBlank(cells) ? blankLine.reason : wrongWidth(width);
}

class UnfitTally {
  readonly #groups = new Map<string, UnfitLines>();

  add(reason: string, line: number | null): void {
    const { count, firstLine } = this.#groups.get(reason) ?? { count: 0, firstLine: line };
    this.#groups.set(reason, { reason, count: count + 1, firstLine });
  }

  list(): readonly UnfitLines[] {
    return [...this.#groups.values()];
  }
}

/** What most columns say that say anything; where none does, `;` comes from places that write 3,14. */
function usualMark(marks: readonly (DecimalMark | null)[], delimiter: string): DecimalMark {
  const points = marks.filter((mark) => mark === '.').length;
  const commas = marks.filter((mark) => mark === ',').length;
  if (points !== commas) return points > commas ? '.' : ',';
  return delimiter === ';' ? ',' : '.';
}
