import type { SplitRule } from '../../data/dataset.ts';
import type { LabelRule } from '../../data/labelReading.ts';
import type { SampleId } from '../../data/load.ts';
import type {
  ColumnRole,
  FileSet,
  ListChoice,
  LoadOptions,
  LoadProgress,
  Preview,
  Reading,
} from '../../data/source.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';

export interface DataState {
  readonly dataset: DatasetSummary | null;
  readonly datasetKey: string;
  readonly loading: Loading | null;
  /** The data sets that are kept in this browser. */
  readonly keptData: readonly KeptDataset[];
  /** The table whose columns the user is assigning roles to. */
  readonly preview: PendingTable | null;
  /** The sample that a reload opens: the page cannot open a user's file again. */
  readonly sample: SampleId;
}

export interface KeptDataset {
  /** Its fingerprint. */
  readonly file: string;
  readonly name: string;
  readonly examples: number;
  readonly sizeBytes: number;
}

export interface PendingTable {
  readonly file: File | FileSet;
  readonly preview: Preview;
  /** The encoding and the file of an archive that were chosen. */
  readonly reading: Reading;
  /** What was chosen before, and why no data set came of it; null: nothing has been tried. */
  readonly tried: { readonly choices: LoadChoices | null; readonly failure: string } | null;
}

interface Loading {
  readonly name: string;
  readonly progress: LoadProgress | null;
}

export interface LoadChoices {
  readonly roles: readonly ColumnRole[] | null;
  readonly minCount: number | null;
  readonly maxExamples: number;
  readonly splitBy: SplitRule;
  /** One a column, as the roles; null: by its profile. */
  readonly transforms: LoadOptions['transforms'];
  readonly splitCells: readonly ListChoice[];
  readonly labelRule: LabelRule | null;
  readonly positive: LabelRule | null;
  readonly dateOrder: LoadOptions['dateOrder'];
  readonly decimalMark: LoadOptions['decimalMark'];
}

export const initialData: DataState = {
  dataset: null,
  datasetKey: '',
  loading: null,
  keptData: [],
  preview: null,
  sample: 'clicks',
};
