import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Split, Task } from '../../data/dataset.ts';
import type { Settings } from '../../settings/settings.ts';
import type { MetricIntervals, Metrics } from '../../metrics/metrics.ts';
import type { TestReport } from '../../metrics/testReport.ts';
import type { AllocatedBytes, LedgerChange } from '../../program/memory.ts';
import type { BlockEnergies } from '../../compression/method.ts';

/** Settings that may stay null: sizes that the budget decides, and a limit that nobody set. */
type SolvedSetting = 'collisions' | 'hotShare' | 'hiddenWidth' | 'rank' | 'trainMemory';

/** Settings in which whatever was left to the data (null) is replaced by what was chosen for it. */
export type ResolvedSettings = {
  readonly [K in keyof Settings]: K extends SolvedSetting ? Settings[K] : NonNullable<Settings[K]>;
};

/** 'failed': an error ended it, which `message` tells. */
export type EndReason = 'completed' | 'early-stopped' | 'stopped' | 'diverged' | 'failed';

/** What is left of a run when it is over: enough to draw it, compare it and start it again. */
export interface RunResult {
  readonly settings: ResolvedSettings;
  readonly datasetName: string;
  readonly task: Task;
  readonly reason: EndReason;
  /** Says to people what happened, when the run diverged or the device was lost. */
  readonly message?: string;
  readonly allocation: AllocationSummary;
  /** Metrics before the tables were quantised; missing where they were not. */
  readonly floatMetrics?: Readonly<Partial<Record<Split, Metrics>>>;
  /** What the embedding layer stores, counted in its weights. Only of runs whose tables were pruned, or quantised afterwards. */
  readonly stored?: StoredElements;
  /** Parameters outside the embedding layer: MLPs and biases. */
  readonly otherParameters: number;
  /** What the device allocated. */
  readonly bytes: AllocatedBytes;
  /** What the layers asked for, and what was planned for them, which is less where tensors share memory: see MemoryLedger. */
  readonly askedBytes: number;
  readonly peakBytes: number;
  /** What the program that approximates nothing would have allocated. Missing in runs that an older version stored. */
  readonly exactBytes?: AllocatedBytes;
  /** Metrics of the weights with the best validation loss. Empty when the run ended before any evaluation. */
  readonly metrics: Readonly<Partial<Record<Split, Metrics>>>;
  /** Of the test metrics, over the examples of the split. Missing in runs that an older version stored. */
  readonly testIntervals?: MetricIntervals;
  /** What else is told of the test examples. Missing in runs that an older version stored. */
  readonly testReport?: TestReport;
  readonly bestStep: number;
  /** The sizes before the last one, in their order, if the run was resized. */
  readonly stages?: readonly RunStage[];
  readonly steps: number;
  readonly msPerStep: number;
  readonly seconds: number;
  readonly backend: 'cpu' | 'webgpu';
  readonly adapter: string;
  /** Only of a run that was interrupted: where it went on from a checkpoint. */
  readonly trainedOn?: readonly TrainedOn[];
  /** How the model was made of a larger one, if it was. */
  readonly compressed?: CompressionOutcome;
}

/** From which step on a run was trained on a device. */
export interface TrainedOn {
  /** Steps done before. */
  readonly afterStep: number;
  readonly backend: 'cpu' | 'webgpu';
  readonly adapter: string;
}

/** A run at one of its sizes; the metrics are those of its weights when it was resized. */
export interface RunStage {
  readonly allocation: AllocationSummary;
  readonly bytes: AllocatedBytes;
  readonly step: number;
  readonly metrics: Readonly<Partial<Record<Split, Metrics>>>;
}

/** How a model was made of a larger one after training. */
export interface CompressionOutcome {
  readonly by: CompressionWayId;
  readonly budget: number;
  /** By how much its vectors differed from the larger model's before any further step, as a share of Σ_fields E‖e‖². */
  readonly lostEnergy: number;
  /** Steps of fine-tuning. */
  readonly steps: number;
}

/** The result of a compressed model. Its steps and seconds are those of the compression alone. */
export type CompressedResult = RunResult & { readonly compressed: CompressionOutcome };

export type AllocationSummary = Omit<Allocation, 'blocks' | 'fields' | 'sharedElements' | 'decoder'> & {
  readonly dims: readonly number[];
};

export type TrainingEvent =
  /** Comes before 'started', from the run with full tables whose spectra choose the dims. */
  | {
      readonly kind: 'warming-up';
      /** Steps done. */
      readonly step: number;
      readonly totalSteps: number;
      readonly stepsPerSecond: number;
    }
  | {
      readonly kind: 'started';
      readonly settings: ResolvedSettings;
      readonly allocation: AllocationSummary;
      /** The spectra of its warm-up, if it had one. They decide its dims, and those of every resize. */
      readonly spectra: readonly BlockEnergies[] | undefined;
      readonly otherParameters: number;
      readonly memory: TrainingMemory;
      readonly totalSteps: number;
    }
  | {
      readonly kind: 'progress';
      /** Steps done. */
      readonly step: number;
      readonly totalSteps: number;
      readonly stepsPerSecond: number;
      /** Mean training loss of the steps firstStep, firstStep + 1, … (1-based). */
      readonly firstStep: number;
      readonly losses: Float32Array;
    }
  | {
      readonly kind: 'evaluation';
      readonly split: Split;
      readonly step: number;
      readonly metrics: Metrics;
      readonly best: boolean;
    }
  /** Measured in the last step before an evaluation on validation, and sent before it. Only where gradients are kept as factors. */
  | { readonly kind: 'gradient-spectra'; readonly step: number; readonly layers: readonly LayerSpectrum[] }
  /** The run goes on at another size, which is evaluated at once. */
  | {
      readonly kind: 'resized';
      /** Steps done. */
      readonly step: number;
      readonly settings: ResolvedSettings;
      readonly allocation: AllocationSummary;
      readonly otherParameters: number;
      readonly memory: TrainingMemory;
      /** What the vectors lost because there was no room for it, as a share of Σ_fields E‖e‖², their energy weighed by lookups. */
      readonly lostEnergy: number;
      /** Whether this undid a resize: the size and the weights are those from before it. */
      readonly undone: boolean;
      /** The sizes that the run has gone through, without those that were undone. */
      readonly stages: readonly RunStage[];
    }
  /** A resize that is not possible: the run goes on at its old size. */
  | {
      readonly kind: 'resize-refused';
      readonly step: number;
      readonly message: string;
      readonly remedy: string;
    }
  /** Comes after 'started': the run goes on from a checkpoint. What was told of it before holds no longer where it differs. */
  | {
      readonly kind: 'resumed';
      /** Steps done. */
      readonly step: number;
      readonly totalSteps: number;
      /** Mean training loss of every step so far. */
      readonly losses: Float32Array; // [step]
      /** On the validation split, in their order. */
      readonly evaluations: readonly { readonly step: number; readonly metrics: Metrics }[];
      readonly stages: readonly RunStage[];
      readonly trainedOn: readonly TrainedOn[];
    }
  /** A smaller model, made of the weights of a trained one. */
  | { readonly kind: 'compressed'; readonly result: CompressedResult }
  | {
      readonly kind: 'finished';
      readonly result: RunResult;
      /** Logits or ratings of the test examples, from the first on; missing where they were not evaluated. */
      readonly testPredictions?: Float32Array | undefined;
    };

/** What is known of the gradient of one layer, which is kept as factors of rank k. */
export interface LayerSpectrum {
  readonly layer: string;
  /** Absolute values, falling. */
  readonly sigma: readonly number[]; // [k]
  /** Shares of the gradient's energy, at most 1: see readGradientSpectra. */
  readonly kept: number;
  readonly followed: number;
}

/** What training takes, beside what the exact program, which approximates nothing, would take. */
export interface TrainingMemory {
  /** What the layers ask for, by role. Together this is more than is allocated, because tensors share memory. */
  readonly lines: readonly LedgerChange[];
  /** Allocated by the device, by use. */
  readonly bytes: AllocatedBytes;
  readonly exactBytes: AllocatedBytes;
  /** Saved by putting activations and gradients where others lay that are no longer needed. */
  readonly savedBytes: number;
  /** The layers whose activations are kept as codes, and those whose gradients are kept as factors. */
  readonly approximated: { readonly activations: readonly string[]; readonly gradients: readonly string[] };
  /** Whether every batch stays on the device, or each is uploaded for its step. */
  readonly residentData: boolean;
}

/** What the embedding layer stores, counted in its weights. */
export interface StoredElements {
  /** Only where tables are sparse. */
  readonly nonZeros?: number;
  /** In words of 4 bytes. A sparse table takes two for every non-zero element, and one for the start of every row. */
  readonly parameters: number;
}

/** What the embedding layer really stores, in words: counted in its weights if it was, otherwise as allocated. */
export function storedParameters({ stored, allocation }: Pick<RunResult, 'stored' | 'allocation'>): number {
  return stored?.parameters ?? allocation.parameters;
}
