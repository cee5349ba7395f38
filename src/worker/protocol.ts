import type {
  Dataset,
  Field,
  FormatId,
  LoadReport,
  Split,
  Range,
  StoredDataset,
  Task,
} from '../data/dataset.ts';
import type { SampleId } from '../data/load.ts';
import type { BackendId, Settings } from '../settings/settings.ts';
import type { Compression } from '../training/compress/compressTrained.ts';
import type { TrainingEvent } from '../training/events/events.ts';
import type { SavedModel } from '../training/spectrum/savedRows.ts';
import type { SizeChange } from '../training/resize/sizeChanges.ts';
import type { ScoreReport } from '../training/scoring/scoreLines.ts';
import type { ScoredFormat } from '../training/scoring/scoredTable.ts';
import type { SpectrumSnapshot, SpectrumQuery } from '../training/spectrum/fieldReport.ts';
import type { MemoryEstimate } from '../training/plan/planRun.ts';
import type { RunLength } from '../training/plan/runLength.ts';
import type { InterruptedRun } from './checkpoints.ts';
import type { FileSet, LoadOptions, Preview, Reading } from '../data/source.ts';
import type { Inspection, InspectionRequest } from './inspectRun.ts';

/** An error as it is sent between threads: what happened, and what to do about it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
  /** Of a DataError: names of files of which one must be meant. */
  readonly choices?: readonly string[];
}

/* The loader worker turns bytes into a Dataset. It loads one file at a time; a new request cancels the one before. */

export type LoaderRequest =
  | {
      readonly type: 'inspect';
      readonly request: number;
      readonly file: File | FileSet;
      readonly reading: Reading;
    }
  | {
      readonly type: 'load';
      readonly request: number;
      readonly file: File | FileSet;
      readonly options: LoadOptions;
    }
  | { readonly type: 'sample'; readonly request: number; readonly sample: SampleId }
  /** Opens what was kept under a name: the fingerprint of a data set. */
  | { readonly type: 'reopen'; readonly request: number; readonly file: string }
  | { readonly type: 'cancel' };

/** A data set and its identity. */
export type LoadedDataset = (Dataset & { readonly fingerprint: string }) | StoredDataset;

export type LoaderReply =
  | { readonly type: 'preview'; readonly request: number; readonly preview: Preview }
  | {
      readonly type: 'progress';
      readonly request: number;
      readonly rows: number;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  /** Before 'loaded': why the data set will not be there after a reload. */
  | { readonly type: 'not-kept'; readonly request: number; readonly failure: Failure }
  | { readonly type: 'loaded'; readonly request: number; readonly dataset: LoadedDataset }
  | { readonly type: 'cancelled'; readonly request: number }
  | { readonly type: 'failed'; readonly request: number; readonly failure: Failure };

/* The engine worker turns a data set and settings into training events. It trains one run at a time. */

export type EngineRequest =
  /**
   * Replaces the data set; stops the run in progress and forgets the next one. Its arrays are transferred; the file of a stored one is
   * opened here.
   */
  | { readonly type: 'dataset'; readonly dataset: Dataset | StoredDataset }
  /**
   * Trains a run at once. A run in progress ends with reason 'stopped', without a last evaluation. If several runs are asked for
   * before it has ended, only the last is trained: queues are kept on the page. A run of which there is a checkpoint on this data goes
   * on from there.
   */
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly settings: Settings;
      /** Kept with the run's checkpoints, and told by 'interrupted': what the page needs to ask for it again. */
      readonly note: string;
      /** Leaves the run after this step, an evaluation's, without a last evaluation: it finishes with reason 'stopped'. */
      readonly untilStep?: number | undefined;
    }
  /**
   * Makes smaller models of a run file. It takes the place of a run and bears a run's id: whatever is said here of runs holds for
   * it.
   */
  | {
      readonly type: 'compress';
      readonly runId: string;
      readonly file: Blob;
      readonly backend: BackendId | null;
      readonly compression: Compression;
    }
  /** Asks what memory a run with these settings would take. The run in progress goes on. */
  | {
      readonly type: 'plan-memory';
      readonly request: number;
      readonly settings: Settings;
      /** The changes that the page offers. 'memory-changes' says what each would take without a limit, after the plan itself. */
      readonly changes: readonly Partial<Settings>[];
    }
  /** Asks how long runs with these settings are; 'lengths' answers. */
  | { readonly type: 'find-lengths'; readonly settings: readonly Settings[] }
  /** Asks how many such runs fit into the memory at once, each in an engine of its own; 'room' answers. */
  | { readonly type: 'find-room'; readonly settings: Settings }
  /** Copies the data set through the port, to an engine that trains beside this one. */
  | { readonly type: 'share-dataset'; readonly port: MessagePort }
  /** Takes the data set that another engine copies through the port; 'adopted' answers. */
  | { readonly type: 'adopt-dataset'; readonly port: MessagePort }
  /** Changes the size of that run, if it is still training, between two steps. */
  | { readonly type: 'change-size'; readonly runId: string; readonly change: SizeChange }
  /** Says which spectrum the page shows, of the run in progress and those after it on this data set; null: none. */
  | { readonly type: 'monitor-spectrum'; readonly query: SpectrumQuery | null }
  /**
   * Asks for the spectrum of a model that was trained before on this data set; 'spectrum' answers. The run in progress goes on.
   * Only the last request is answered.
   */
  | {
      readonly type: 'measure-saved';
      readonly runId: string;
      readonly model: SavedModel;
      readonly query: SpectrumQuery;
    }
  /** Asks what the test predictions of a run say; 'inspection' answers. The run in progress goes on. */
  | ({ readonly type: 'inspect' } & InspectionRequest)
  /** Asks for a model that was trained on this data set, with the values of its fields, so that it stands alone. */
  | { readonly type: 'complete-model'; readonly runId: string; readonly file: Blob }
  /** Deletes the checkpoints of runs: those whose result is kept, and those that nobody wants to go on with. */
  | { readonly type: 'forget-checkpoints'; readonly runIds: readonly string[] }
  /** Ends the current run without evaluating it. */
  | { readonly type: 'cancel' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Trains one step, then pauses. */
  | { readonly type: 'step' }
  /** Ends the current run: it is evaluated and finishes with reason 'stopped'. */
  | { readonly type: 'stop' };

export type EngineReply =
  /** Sent at the start and whenever the backend changes: when a lost device falls back to the CPU, for example. */
  | { readonly type: 'backend'; readonly status: BackendStatus }
  /** `file`: the model, with 'finished' and 'compressed', if it was evaluated and is not too large. */
  | {
      readonly type: 'event';
      readonly runId: string;
      readonly event: TrainingEvent;
      readonly file?: Blob | undefined;
    }
  | { readonly type: 'lengths'; readonly lengths: readonly RunLength[] | Failure }
  | { readonly type: 'room'; readonly runs: number }
  /** From now on it trains on a copy of another engine's data. */
  | { readonly type: 'adopted' }
  /** Ends a run that was stopped or replaced before it had started, so that it has no result. */
  | { readonly type: 'ended-early'; readonly runId: string }
  /** Ends the answer to 'compress'. */
  | { readonly type: 'compression-ended'; readonly runId: string }
  /**
   * Sent every few seconds for what 'monitor-spectrum' asked for, and at the end of a run for its best weights. Also answers
   * 'measure-saved'.
   */
  | { readonly type: 'spectrum'; readonly runId: string; readonly snapshot: SpectrumSnapshot }
  /** Answers 'inspect'; null: the predictions are not of the data set that is open. */
  | { readonly type: 'inspection'; readonly runId: string; readonly inspection: Inspection | null }
  /** Answers 'complete-model'. */
  | { readonly type: 'whole-model'; readonly runId: string; readonly file: Blob }
  | { readonly type: 'no-whole-model'; readonly runId: string; readonly failure: Failure }
  /** Answers 'plan-memory', if such a run can start. */
  | { readonly type: 'memory-plan'; readonly request: number; readonly plan: MemoryEstimate }
  /**
   * Bytes without those of the examples, in the order of `changes`; null: such a run could not start. Only for the last request.
   */
  | { readonly type: 'memory-changes'; readonly request: number; readonly totals: readonly (number | null)[] }
  /** Answers 'plan-memory' otherwise, with the failure that such a run would end with before its first step. */
  | { readonly type: 'no-memory-plan'; readonly request: number; readonly failure: Failure }
  | { readonly type: 'paused'; readonly paused: boolean }
  /** The device of the run is gone. It goes on by itself from its last checkpoint: 'started' comes again, and 'resumed'. */
  | { readonly type: 'recovering'; readonly runId: string; readonly failure: Failure }
  /** Sent once after the start: runs that closed tabs have left. */
  | { readonly type: 'interrupted'; readonly runs: readonly InterruptedRun[] }
  /** Sent once: from now on checkpoints are kept in memory, if at all. */
  | { readonly type: 'no-checkpoints'; readonly failure: Failure }
  | { readonly type: 'failed'; readonly runId: string | null; readonly failure: Failure };

/* The scoring worker predicts the lines of one file with one model; then its work is done. */

export interface ScoringRequest {
  readonly model: Blob;
  readonly file: File | FileSet;
  readonly format: ScoredFormat;
}

export type ScoringReply =
  /** `share`: of the file's bytes, 0 to 1. */
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'scored'; readonly table: Blob; readonly report: ScoreReport }
  | { readonly type: 'failed'; readonly failure: Failure };

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
  readonly numericColumns: Dataset['numericColumns'];
  readonly examples: number;
  readonly splits: Readonly<Record<Split, Range>>;
  readonly labelMean: number;
  readonly bestPossible?: Dataset['bestPossible'];
  readonly planted?: Dataset['planted'];
  readonly report: LoadReport;
  readonly fingerprint: string;
}
