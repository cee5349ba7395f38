import type { FormatId } from './dataset.ts';
import type { ColumnRole } from './load.ts';

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
  /** Keeps the values of categories as text, in Field.names. */
  readonly keepNames?: boolean;
}

export const defaultLoadOptions: LoadOptions = {
  format: null,
  roles: null,
  minCount: null,
  maxExamples: 2_000_000,
  splitBy: 'hash',
};
