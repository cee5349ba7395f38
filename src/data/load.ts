import type { Dataset, FormatId, Task } from './dataset.ts';

/** The part of File and Blob that loading needs; Node's openAsBlob gives one too. */
export interface DataSource {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

export type ColumnRole = 'label' | 'number' | 'category' | 'time' | 'ignore';

export interface PreviewColumn {
  readonly name: string;
  /** The guess for a 'table'; fixed for the known formats. */
  readonly role: ColumnRole;
}

/** What a look at the beginning of a file tells. */
export interface Preview {
  readonly format: FormatId;
  readonly task: Task;
  readonly columns: readonly PreviewColumn[];
  /** The first 20 lines, as text. */
  readonly rows: readonly (readonly string[])[];
  readonly sizeBytes: number;
  /** True: the roles were guessed and the user should confirm them. */
  readonly rolesAreGuessed: boolean;
}

export interface LoadOptions {
  /** null: by content. */
  readonly format: FormatId | null;
  /** For a 'table': one role a column, in file order. null: the preview's guesses. */
  readonly roles: readonly ColumnRole[] | null;
  /** Values seen fewer than this many times in training share the rare row. null: 2 for clicks, 1 for ratings. */
  readonly minCount: number | null;
  /** More lines than this are sampled uniformly at random (reservoir). */
  readonly maxExamples: number;
  readonly splitBy: 'hash' | 'time';
}

export const defaultLoadOptions: LoadOptions = {
  format: null,
  roles: null,
  minCount: null,
  maxExamples: 2_000_000,
  splitBy: 'hash',
};

export interface LoadProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export type SampleId = 'clicks' | 'ratings';

/** Reads enough of the file to know its format, columns and first rows. Throws DataError. */
export declare function inspect(source: DataSource, signal?: AbortSignal): Promise<Preview>;

/**
 * Streams the whole file into a Dataset in bounded memory: what is kept, not what is read.
 * Throws DataError (file, line, column, remedy); rejects with the signal's reason when aborted.
 */
export declare function load(
  source: DataSource,
  options: LoadOptions,
  onProgress?: (progress: LoadProgress) => void,
  signal?: AbortSignal,
): Promise<Dataset>;

/** Generates a built-in sample; the same bits every time. */
export declare function loadSample(sample: SampleId): Dataset;
