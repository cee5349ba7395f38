import type { DataSource } from './dataSource.ts';
import { DataError } from './errors.ts';
import { type HeadLines, listNames, readHeadLines } from './headLines.ts';
import { patternOf, splitOf } from './names.ts';
import { type Leftover, refusal, type Table } from './tables.ts';

/** What is known of a file before it is read. */
interface Candidate {
  readonly path: string;
  readonly entry: string;
  readonly kind: Table['content']['kind'];
  readonly head: HeadLines;
  readonly isKnown: boolean;
}

/**
 * Chooses the files of an archive or a folder that are one data set: those whose names differ in numbers alone. Files of a test
 * split are set aside where there is a training file. One data set of several is not guessed.
 */
export class Selection {
  /** What was left out and why, as sentences. */
  readonly notes: string[] = [];
  readonly #source: DataSource;
  readonly #recognises: (head: string) => boolean;
  readonly #leftovers: Leftover[] = [];
  readonly #candidates: Candidate[] = [];
  /** Without a directory: the first file decides. */
  #first: Candidate | null = null;
  #chosen: ReadonlySet<string> | null = null;
  #takesTests = false;
  readonly #seen: string[] = [];

  constructor(source: DataSource, recognises: (head: string) => boolean) {
    this.#source = source;
    this.#recognises = recognises;
  }

  readonly leave = (leftover: Leftover): void => {
    if (!this.#leftovers.some(({ path }) => path === leftover.path)) this.#leftovers.push(leftover);
    this.#note(`${leftover.path} is left out: it is ${leftover.refused.what}.`);
  };

  /** A file of a directory, before any is taken. */
  consider(table: Table): void {
    // A copy, for parts of a text keep the whole of it in memory.
    this.#candidates.push(structuredClone(this.#describe(table)));
  }

  /** Chooses among those that were considered. Throws DataError where they are several data sets. */
  choose(): void {
    const usable = this.#candidates.filter((candidate) => this.#isTable(candidate));
    if (usable.length === 0) return;
    const hasTraining = usable.some(({ entry }) => splitOf(entry) === 'train');
    const kept = usable.filter((candidate) => {
      const isAside = hasTraining && splitOf(candidate.entry) === 'test' && !this.#source.partsAreChosen;
      if (isAside) this.#setAside(candidate);
      return !isAside;
    });
    const groups = new Map<string, Candidate[]>();
    for (const candidate of kept) {
      const group = this.#groupOf(candidate);
      groups.set(group, [...(groups.get(group) ?? []), candidate]);
    }
    const known = [...groups.values()].filter((group) => group.every(({ isKnown }) => isKnown));
    const only = groups.size === 1 ? kept : known.length === 1 ? known[0] : null;
    if (only === null) throw this.#severalDataSets([...groups.values()].map(([first]) => first));
    for (const { path } of kept.filter((candidate) => !only.includes(candidate))) {
      this.#note(`${path} is left out: it is another table than ${only[0].path}.`);
    }
    this.#chosen = new Set(only.map(({ path }) => path));
  }

  /** Files of a test split are taken after all: there is no other. False: there is none either. */
  takeTests(): boolean {
    const hadTests = !this.#takesTests && this.#seen.length > 0;
    this.#takesTests = true;
    this.notes.length = 0;
    return hadTests;
  }

  /** Throws DataError where the file belongs to another data set than the first one. */
  takes(table: Table): boolean {
    if (table.entry === null) return true;
    if (this.#chosen) return this.#chosen.has(table.path);
    const candidate = this.#describe(table);
    if (!this.#isTable(candidate)) return false;
    if (!this.#takesTests && splitOf(candidate.entry) === 'test') {
      this.#setAside(candidate);
      return false;
    }
    this.#first ??= candidate;
    if (this.#groupOf(candidate) === this.#groupOf(this.#first)) return true;
    throw this.#severalDataSets([this.#first, candidate]);
  }

  /** For a source in which nothing was taken. */
  nothingTaken(): DataError {
    if (this.#leftovers.length === 1) return refusal(this.#leftovers[0]);
    const left = this.#leftovers.map(({ path, refused }) => `${path} is ${refused.what}`);
    const why = left.length > 0 ? `: ${left.slice(0, 4).join('; ')}` : '';
    return new DataError(
      `it holds no table${why}.`,
      { file: this.#source.name },
      'Drop a table: CSV, TSV, JSON lines or Parquet, compressed or not. If --entry names a file of it, check the name.',
    );
  }

  #describe({ path, entry, head, content }: Table): Candidate {
    const isKnown = content.kind === 'text' && this.#recognises(head);
    return { path, entry: entry ?? '', kind: content.kind, head: readHeadLines(head), isKnown };
  }

  #isTable({ kind, head, path, isKnown }: Candidate): boolean {
    const isTable = kind !== 'text' || head.width > 1 || isKnown;
    if (!isTable) this.#note(`${path} is left out: it has no columns.`);
    return isTable;
  }

  /** Files that the user named are one data set, whatever they are called. */
  #groupOf({ entry, kind }: Candidate): string {
    return this.#source.partsAreChosen ? kind : `${kind} ${patternOf(entry)}`;
  }

  #setAside({ path }: Candidate): void {
    this.#seen.push(path);
    this.#note(`${path} is left out: its name says that it is the test file.`);
  }

  #note(sentence: string): void {
    if (!this.notes.includes(sentence)) this.notes.push(sentence);
  }

  #severalDataSets(firsts: readonly Candidate[]): DataError {
    const shown = firsts.slice(0, 6).map(({ path, kind, head }) => {
      const columns = head.names ? listNames(head.names) : `${head.width} columns`;
      return `${path} (${kind === 'text' ? columns : kind})`;
    });
    const more = firsts.length > 6 ? `, and ${firsts.length - 6} more` : '';
    return new DataError(
      `it holds several tables, which are not parts of one: ${shown.join('; ')}${more}.`,
      { file: this.#source.name },
      'Drop the one that you mean, or name it: --entry NAME, with * for any characters.',
      firsts.map(({ entry }) => entry),
    );
  }
}
