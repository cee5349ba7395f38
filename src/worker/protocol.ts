import type { Dataset, Field, FormatId, LoadReport, Split, Range, Task } from '../data/dataset.ts';
import type { SampleId } from '../data/load.ts';
import type { BackendId, Settings } from '../settings/settings.ts';
import type { Compression } from '../training/compress/compressTrained.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import type { SavedModel } from '../training/spectrum/savedRows.ts';
import type { SizeChange } from '../training/resize/sizeChanges.ts';
import type { SpectrumSnapshot, SpectrumQuery } from '../training/spectrum/fieldReport.ts';
import type { MemoryEstimate } from '../training/plan/planRun.ts';
import type { Preview, LoadOptions } from '../data/source.ts';

/** An error that crossed a thread: what happened, and what to do about it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
}

/* Loader worker: bytes → Dataset. One file at a time; a new request cancels the one before. */

export type LoaderRequest =
  | { readonly type: 'inspect'; readonly request: number; readonly file: File }
  | { readonly type: 'load'; readonly request: number; readonly file: File; readonly options: LoadOptions }
  | { readonly type: 'sample'; readonly request: number; readonly sample: SampleId }
  | { readonly type: 'cancel' };

export type LoaderReply =
  | { readonly type: 'preview'; readonly request: number; readonly preview: Preview }
  | {
      readonly type: 'progress';
      readonly request: number;
      readonly rows: number;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  | { readonly type: 'loaded'; readonly request: number; readonly dataset: Dataset }
  | { readonly type: 'cancelled'; readonly request: number }
  | { readonly type: 'failed'; readonly request: number; readonly failure: Failure };

/* Engine worker: datasets and settings → training events. Runs are trained one at a time. */

export type EngineRequest =
  /** Replaces the data set; stops the run in progress and forgets the next one. Its arrays are transferred. */
  | { readonly type: 'dataset'; readonly dataset: Dataset }
  /**
   * Starts at once; a run in progress ends with reason 'stopped' and untested. Of several that are
   * asked for meanwhile the last is trained. What waits its turn waits on the page.
   */
  | { readonly type: 'run'; readonly runId: string; readonly settings: Settings }
  /** Makes smaller models of a run file, in the place of a run and under its name: all that is said of runs holds for it. */
  | {
      readonly type: 'compress';
      readonly runId: string;
      readonly file: Blob;
      readonly backend: BackendId | null;
      readonly compression: Compression;
    }
  /** What a run with these settings would take on the device, while whatever runs goes on. */
  | {
      readonly type: 'plan-memory';
      readonly request: number;
      readonly settings: Settings;
      /** What the page offers to change: what each would take, the limit aside, follows when the plan is there. */
      readonly changes: readonly Partial<Settings>[];
    }
  /** Changes the size of that run, if it is still training, between two steps. */
  | { readonly type: 'change-size'; readonly runId: string; readonly change: SizeChange }
  /** What of the tables somebody has open, of this run and those after it, on this data set; null: nothing. */
  | { readonly type: 'monitor-spectrum'; readonly query: SpectrumQuery | null }
  /** At the table of a model that was trained before on this data set; answered by 'spectrum', while whatever runs goes on. The last one counts. */
  | {
      readonly type: 'measure-saved';
      readonly runId: string;
      readonly model: SavedModel;
      readonly query: SpectrumQuery;
    }
  /** Ends the current run without evaluating it. */
  | { readonly type: 'cancel' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Trains one step, then pauses. */
  | { readonly type: 'step' }
  /** Ends the current run: it is evaluated and finishes with reason 'stopped'. */
  | { readonly type: 'stop' };

export type EngineReply =
  /** Sent once at start and whenever the backend changes (a lost device falls back to the CPU). */
  | { readonly type: 'backend'; readonly status: BackendStatus }
  /** `file`: of 'finished' and 'compressed', the model, where it was evaluated and is not too large. */
  | {
      readonly type: 'event';
      readonly runId: string;
      readonly event: TrainingEvent;
      readonly file?: Blob | undefined;
    }
  /** Nothing more comes of what 'compress' asked for. */
  | { readonly type: 'compression-ended'; readonly runId: string }
  /** Every few seconds, of what is monitored; at the end of a run, of its best weights. Or what 'measure-saved' asked for. */
  | { readonly type: 'spectrum'; readonly runId: string; readonly snapshot: SpectrumSnapshot }
  /** Answers 'plan-memory'; the failure is what such a run would end with before its first step. */
  | { readonly type: 'memory-plan'; readonly request: number; readonly plan: MemoryEstimate }
  /** Bytes beside the examples, in the order of the changes; null: such a run could not start. Of the last request alone. */
  | { readonly type: 'memory-changes'; readonly request: number; readonly totals: readonly (number | null)[] }
  | { readonly type: 'no-memory-plan'; readonly request: number; readonly failure: Failure }
  | { readonly type: 'paused'; readonly paused: boolean }
  | { readonly type: 'failed'; readonly runId: string | null; readonly failure: Failure };

export interface BackendStatus {
  readonly kind: BackendId;
  readonly adapter: string;
  /** Why the CPU is used although WebGPU was wanted; null when nothing is wrong. */
  readonly fallback: Failure | null;
}

/** What the page keeps of a data set once its arrays live in the engine. */
export interface DatasetSummary {
  readonly name: string;
  readonly format: FormatId;
  readonly task: Task;
  readonly fields: readonly Field[];
  readonly numericColumns: readonly string[];
  readonly examples: number;
  readonly splits: Readonly<Record<Split, Range>>;
  readonly labelMean: number;
  readonly bestPossible?: Dataset['bestPossible'];
  readonly planted?: Dataset['planted'];
  readonly report: LoadReport;
}
