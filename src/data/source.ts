import type { TypedColumn } from './containers/cells.ts';
import type { ContentNote } from './containers/content.ts';
import type { EncoderThreads } from './encoding/threads.ts';
import type { DataWarning, FormatId, SplitRule, Task } from './dataset.ts';
import type { LabelRule } from './labelReading.ts';
import type { DecimalMark } from './numberText.ts';
import type { ColumnProfile, Guess, Profile } from './profile/profile.ts';
import type { DateOrder } from './timeText.ts';
import type { Transform } from './transform.ts';

export type { DataSource } from './containers/dataSource.ts';
export { type FileSet, joinSources, openFileSet } from './containers/joinSources.ts';
export { matchesPattern } from './containers/names.ts';

export type ColumnRole = 'label' | 'number' | 'category' | 'time' | 'ignore';

export interface PreviewColumn extends Guess {
  readonly name: string;
  /** The guess for a 'table'; fixed for the known formats. */
  readonly role: ColumnRole;
  /** Of a number; null: it is none. */
  readonly transform: Transform['kind'] | null;
  /** null: of a known format, where nobody asked for it. */
  readonly profile: ColumnProfile | null;
}

/** Where the cells of a column are split. */
export interface ListChoice {
  readonly column: string;
  readonly separator: string;
}

/** What a file shows before it is loaded. */
export interface Preview {
  readonly format: FormatId;
  readonly task: Task;
  readonly columns: readonly PreviewColumn[];
  /** The first 20 lines, as text. */
  readonly rows: readonly (readonly string[])[];
  readonly sizeBytes: number;
  /** True: the roles were guessed and the user should confirm them. */
  readonly rolesAreGuessed: boolean;
  /** What the profiles of the columns are taken from. */
  readonly profiled: Pick<Profile, 'rows' | 'unfit' | 'isWhole' | 'sample'> | null;
  /** How cells of the label become numbers; null: as they are, or there is no label. */
  readonly labelReading: string | null;
  readonly warnings: readonly DataWarning[];
  readonly contents: PreviewContents;
}

/** What the file is beneath its format. */
export interface PreviewContents {
  /** The files that are read, from the dropped one to each: `criteo.tar.gz › train.txt`. Of an archive, as far as it was read. */
  readonly files: readonly string[];
  /** Of text, as far as it was read; null: Parquet. */
  readonly encoding: string | null;
  /** Parquet and JSON: the columns and types that the file itself states. */
  readonly columns: readonly TypedColumn[] | null;
  readonly notes: readonly ContentNote[];
}

export interface LoadProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What a process or a tab may take; the caller knows its own. */
export interface MemoryLimits {
  /** Of the JavaScript heap. */
  readonly heapBytes: number;
  /** Of the heap and the arrays together. */
  readonly totalBytes: number;
}

/** What a load may take. */
export interface LoadResources {
  /** Bytes of memory. */
  readonly totalBytes: number;
  /** Threads to encode on, beside the one that reads; null or not given: the same one. */
  readonly threads?: EncoderThreads | null;
}

export interface LoadOptions {
  /** null: by content. */
  readonly format: FormatId | null;
  /** For a 'table': one role a column, in file order. null: the preview's guesses. */
  readonly roles: readonly ColumnRole[] | null;
  /** Values seen fewer than this many times in training share the rare row. null: 2 for clicks, else 1. */
  readonly minCount: number | null;
  /** Of more lines than this a random sample is kept, the same one every time. Infinity: all are kept. */
  readonly maxExamples: number;
  readonly splitBy: SplitRule;
  /** Keeps the values of categories as text, in Field.names. */
  readonly keepNames?: boolean;
  /** Of text: a name that TextDecoder knows. null: by content. */
  readonly encoding?: string | null;
  /** The file of an archive or a folder that is meant, with * for any characters. null: all. */
  readonly entry?: string | null;
  /** For a 'table': makes 0 and 1 of the label column. null: its values are the labels. */
  readonly labelRule?: LabelRule | null;
  /** Learns a ranking of the lines whose label fulfils the rule; the others are no examples. null: the label is learnt. */
  readonly positive?: LabelRule | null;
  /** For a 'table': one a column, in file order; null: by its profile. */
  readonly transforms?: readonly (Transform['kind'] | null)[] | null;
  /** For a 'table': categories whose cells are lists, and where they are split; the others are one value a cell. */
  readonly splitCells?: readonly ListChoice[] | null;
  /** For a 'table'. null: as the cells say. */
  readonly dateOrder?: DateOrder | null;
  readonly decimalMark?: DecimalMark | null;
}

/** How the content of a file is found, before anything is known of its columns. */
export type Reading = Pick<LoadOptions, 'encoding' | 'entry'>;

export const defaultLoadOptions: LoadOptions = {
  format: null,
  roles: null,
  minCount: null,
  maxExamples: Infinity,
  splitBy: 'hash',
};
