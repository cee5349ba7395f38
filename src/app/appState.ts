import type { StoreApi } from 'zustand/vanilla';
import type { CompressionWayId } from '../compression/afterTraining.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { SampleId } from '../data/load.ts';
import type { ColumnRole, LoadProgress, Preview } from '../data/source.ts';
import { defaultSettings, type MethodId, type Settings } from '../settings/settings.ts';
import type { BackendStatus, DatasetSummary, Failure } from '../worker/protocol.ts';
import { emptyHistory, type History } from './sizes/history.ts';
import type { EvaluatedSplit, MetricId } from './accuracy/metrics.ts';
import type { QueuedRun } from './runs/requestedRun.ts';
import { noRuns, type RunLife } from './runs/runLife.ts';
import type { RunRecord } from './runs/runRecord.ts';
import type { SizeId } from './runs/runSize.ts';
import { type MemoryState, nothingEstimated } from './memory/memoryState.ts';

/** Settings as they stand under the user's hand, and the dims they give on the current data. */
export interface SettingsSlice {
  readonly settings: Settings;
  /** The settings before the drag, the typing or the key presses that are not over yet. */
  readonly editingFrom: Settings | null;
  readonly history: History<Settings>;
  readonly allocation: Allocation | null;
  /** Why there is no allocation: the budget is too small for these tables, say. */
  readonly allocationFailure: Failure | null;
  /** Cap in use: the setting's, or the default for the data. Parameters. */
  readonly budget: number;
}

interface MemorySlice {
  /** What the run would take that these settings start. */
  readonly memory: MemoryState;
}

interface DatasetSlice {
  readonly dataset: DatasetSummary | null;
  readonly datasetKey: string;
  readonly loading: Loading | null;
  /** A table whose columns the user is giving roles. */
  readonly preview: { readonly file: File; readonly preview: Preview } | null;
}

interface Loading {
  readonly name: string;
  readonly progress: LoadProgress | null;
}

interface RunsSlice extends RunLife {
  /** Finished runs of all data sets, oldest first. */
  readonly runs: readonly RunRecord[];
  /** Ids of those whose model is kept. */
  readonly models: readonly string[];
  /** Runs that wait their turn, of all data sets, in their order; only those on the data that is open can go. */
  readonly queue: readonly QueuedRun[];
  /** Nothing is taken from the queue until the user says so. */
  readonly queueHeld: boolean;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly title: string;
  readonly remedy: string;
  readonly diagnostics: boolean;
  /** Offered as a button. */
  readonly action?: { readonly label: string; readonly perform: () => void };
}

export type Theme = 'system' | 'light' | 'dark';
export type DialogId = 'shortcuts' | 'settings' | 'paste' | 'dataset' | 'compare' | 'model';

interface UiSlice {
  readonly backend: BackendStatus | null;
  readonly notices: readonly Notice[];
  /** The explanation of the CPU fallback that was read and dismissed: it is not shown again. */
  readonly seenFallback: string;
  readonly dialog: DialogId | null;
  readonly theme: Theme;
  readonly metric: MetricId | null;
  readonly split: EvaluatedSplit;
  /** What the accuracy chart holds it against. */
  readonly size: SizeId;
  readonly fieldOrder: 'rows' | 'file';
  readonly dimsView: DimsView;
  /** The field whose spectrum is shown; null: nobody has chosen one. */
  readonly spectrumField: number | null;
  /** The finished run whose spectrum is shown; null: the run in progress, or the last one. */
  readonly spectrumRun: string | null;
  /** Whether the browser shows this tab. */
  readonly isInSight: boolean;
  /** From all rows instead of a sketch. */
  readonly spectrumIsExact: boolean;
  /** Runs under the pointer, on the chart, in the legend or in the table: one, or those of a method or a setting. */
  readonly hoveredRuns: readonly string[];
  readonly hoveredField: number | null;
  /** The sample to open with: a file of the user cannot be opened again by the page. */
  readonly sample: SampleId;
  /** What was last compared, or is about to be. */
  readonly comparison: ComparisonChoices;
  /** The run whose model the dialog is about. */
  readonly modelOf: string | null;
  readonly compression: CompressionChoices;
  readonly runView: RunView;
  /** A drag while a run trains changes that run's size, and another run starts only where it cannot. */
  readonly keepsLearnt: boolean;
  /** Whether the table of runs has a column for every setting in which they differ. */
  readonly showsDifferences: boolean;
}

/** What the panel of dims shows of the fields. */
export type DimsView = 'bars' | 'table' | 'drawing' | 'spectrum';

/** Single runs, or the mean over the seeds of each setting. */
export type RunView = 'runs' | 'seeds';

export interface ComparisonChoices {
  readonly methods: readonly MethodId[];
  /** As typed: 10k, 1/4. */
  readonly budgets: string;
  readonly seeds: number;
}

export interface CompressionChoices {
  readonly by: CompressionWayId;
  /** As typed: 10k, 1/4 of what the run stores. */
  readonly budgets: string;
  readonly fineTuneSteps: number;
}

export type AppState = SettingsSlice & MemorySlice & DatasetSlice & RunsSlice & UiSlice;
export type AppStore = StoreApi<AppState>;

export type LoadChoices = {
  readonly roles: readonly ColumnRole[] | null;
  readonly minCount: number | null;
  readonly maxExamples: number;
  readonly splitBy: 'hash' | 'time';
};

/** The reference and the method that the page opens with; the others are a click away. */
const firstMethods: readonly MethodId[] = ['uniform', defaultSettings.method];

export const initialState: AppState = {
  settings: defaultSettings,
  editingFrom: null,
  history: emptyHistory,
  allocation: null,
  allocationFailure: null,
  budget: 0,
  memory: nothingEstimated,
  dataset: null,
  datasetKey: '',
  loading: null,
  preview: null,
  ...noRuns,
  runs: [],
  models: [],
  queue: [],
  queueHeld: false,
  backend: null,
  notices: [],
  seenFallback: '',
  dialog: null,
  theme: 'system',
  metric: null,
  split: 'test',
  size: 'parameters',
  fieldOrder: 'rows',
  dimsView: 'bars',
  spectrumField: null,
  spectrumRun: null,
  isInSight: true,
  spectrumIsExact: false,
  hoveredRuns: [],
  hoveredField: null,
  sample: 'clicks',
  comparison: { methods: firstMethods, budgets: '1/4, 1/8', seeds: 2 },
  modelOf: null,
  compression: { by: 'truncate', budgets: '1/2, 1/4, 1/8', fineTuneSteps: 200 },
  runView: 'runs',
  showsDifferences: false,
  keepsLearnt: false,
};
