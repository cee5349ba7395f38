import type { SampleId } from '../../data/load.ts';
import type { ColumnRole, FileSet, LoadProgress, Preview } from '../../data/source.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';

export interface DataState {
  readonly dataset: DatasetSummary | null;
  readonly datasetKey: string;
  readonly loading: Loading | null;
  /** The table whose columns the user is assigning roles to. */
  readonly preview: { readonly file: File | FileSet; readonly preview: Preview } | null;
  /** The sample that a reload opens: the page cannot open a user's file again. */
  readonly sample: SampleId;
}

interface Loading {
  readonly name: string;
  readonly progress: LoadProgress | null;
}

export interface LoadChoices {
  readonly roles: readonly ColumnRole[] | null;
  readonly minCount: number | null;
  readonly maxExamples: number;
  readonly splitBy: 'hash' | 'time';
}

export const initialData: DataState = {
  dataset: null,
  datasetKey: '',
  loading: null,
  preview: null,
  sample: 'clicks',
};
