import type { SkippedLines } from './dataset.ts';
import { DataError } from './containers/errors.ts';

/** Why a line cannot be used. */
export interface Problem {
  /** The same for all lines with this problem: what the report counts by. */
  readonly reason: string;
  /** What is wrong on this very line. */
  readonly detail: string;
  /** As `3 (I2)`, when it is one cell. */
  readonly column: string | null;
  readonly remedy: string;
  /** True: such a line is never held against a file. */
  readonly isHarmless?: boolean;
}

/** Lines with one problem. */
export interface SkippedGroup {
  readonly problem: Problem;
  readonly firstLine: number;
  readonly count: number;
}

/** So many bad lines are always let through, and beyond them this share of all lines. */
const toleratedLines = 10;
const toleratedShare = 0.1;
/** A file so long is given up early when most of it is bad. */
const earlyLines = 10_000;

/**
 * Counts lines that are left out, by reason. The policy: a bad line is skipped and reported; more
 * than 10 of them that are also more than 10 % of the file make the file an error. Harmless ones, as blank lines, are
 * reported and never held against it.
 */
export class SkippedCounter {
  readonly #groups = new Map<string, SkippedGroup>();
  readonly #file: string;
  #bad = 0;

  constructor(file: string) {
    this.#file = file;
  }

  add(problem: Problem, line: number, count = 1): void {
    const group = this.#groups.get(problem.reason) ?? { problem, firstLine: line, count: 0 };
    this.#groups.set(problem.reason, { ...group, count: group.count + count });
    if (!problem.isHarmless) this.#bad += count;
  }

  /** While reading: throws when most of a long file is bad. */
  checkEarly(lines: number): void {
    if (lines >= earlyLines && this.#bad * 2 > lines) throw this.#error(lines);
  }

  /** At the end: throws when nothing is usable or too much is bad. */
  check(lines: number): void {
    const tolerated = Math.max(toleratedLines, toleratedShare * lines);
    if (this.#bad > 0 && (this.#bad > tolerated || this.#bad === lines)) throw this.#error(lines);
  }

  /** By reason, in the order in which they were met. */
  groups(): readonly SkippedGroup[] {
    return [...this.#groups.values()];
  }

  list(): readonly SkippedLines[] {
    return [...this.#groups].map(([reason, { count, firstLine }]) => ({ reason, count, firstLine }));
  }

  #error(lines: number): DataError {
    const groups = [...this.#groups.values()].filter(({ problem }) => !problem.isHarmless);
    const worst = groups.reduce((a, b) => (b.count > a.count ? b : a));
    const { detail, column, remedy } = worst.problem;
    const total = `${this.#bad.toLocaleString('en')} of ${lines.toLocaleString('en')} lines cannot be used, ${worst.count.toLocaleString('en')} for this reason.`;
    return new DataError(`${detail}. ${total}`, { file: this.#file, line: worst.firstLine, column }, remedy);
  }
}

export const blankLine: Problem = {
  reason: 'blank line',
  detail: 'the line is blank',
  column: null,
  remedy: 'Remove the blank lines.',
  isHarmless: true,
};

/** The reason for lines that do not have as many columns as the others. */
export function wrongWidth(columns: number): string {
  return `wrong number of columns (not ${columns})`;
}
