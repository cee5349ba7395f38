import type { CompressionWayId } from '../compression/afterTraining.ts';
import type { Allocation } from '../compression/allocation.ts';
import type { Split, Task } from '../data/dataset.ts';
import type { AllocatedBytes } from '../program/memory.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrainingMemory } from './plan/planRun.ts';
import type { StoredElements } from './loop/pruner.ts';

export interface ClickMetrics {
  readonly logLoss: number;
  readonly auc: number;
  readonly accuracy: number;
  /** Accuracy of always saying the more frequent label. */
  readonly majorityRate: number;
  /** Log loss over the entropy of the base rate; below 1 is better than knowing the base rate alone. */
  readonly normalizedEntropy: number;
  /** Mean prediction over base rate. */
  readonly calibration: number;
}
export interface RatingMetrics {
  readonly mse: number;
  readonly rmse: number;
}
export type Metrics = ClickMetrics | RatingMetrics;

/** What stays null: sizes that the budget gives, and the limit that nobody set. */
type SolvedSetting = 'collisions' | 'hotShare' | 'hiddenWidth' | 'rank' | 'trainMemory';

/** Settings with every null that is left to the data replaced by what was chosen. */
export type ResolvedSettings = {
  readonly [K in keyof Settings]: K extends SolvedSetting ? Settings[K] : NonNullable<Settings[K]>;
};

export type EndReason = 'completed' | 'early-stopped' | 'stopped' | 'diverged';

/** What is left of a run when it is over: enough to draw it, compare it and start it again. */
export interface RunResult {
  readonly settings: ResolvedSettings;
  readonly datasetName: string;
  readonly task: Task;
  readonly reason: EndReason;
  /** For people, when reason is 'diverged'. */
  readonly message?: string;
  readonly allocation: AllocationSummary;
  /** Of the model as it was trained, where its tables were quantised afterwards. */
  readonly floatMetrics?: Readonly<Partial<Record<Split, Metrics>>>;
  /** What the embedding layer takes by its own weights, where these decide it: pruned, or quantised afterwards. */
  readonly stored?: StoredElements;
  /** Parameters of MLPs and biases, beside the embedding layer's. */
  readonly otherParameters: number;
  /** What was really allocated. */
  readonly bytes: AllocatedBytes;
  /** What the layers asked for, and what was planned for it: see MemoryLedger. */
  readonly askedBytes: number;
  readonly peakBytes: number;
  /** What would have been allocated for the program that approximates nothing; older runs do not tell. */
  readonly exactBytes?: AllocatedBytes;
  /** Of the weights with the best validation loss. Missing when the run ended before any evaluation. */
  readonly metrics: Readonly<Partial<Record<Split, Metrics>>>;
  readonly bestStep: number;
  /** Of a run that was resized: the sizes before the last, in their order. */
  readonly stages?: readonly RunStage[];
  readonly steps: number;
  readonly msPerStep: number;
  readonly seconds: number;
  readonly backend: 'cpu' | 'webgpu';
  readonly adapter: string;
  /** Of a model that was not trained from its start. */
  readonly compressed?: CompressionOutcome;
}

/** A run at one of its sizes, with the weights it had when it was resized. */
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
  /** Share of Σ_fields E‖e‖² by which its vectors were off, before any further step. */
  readonly lostEnergy: number;
  /** Trained after that. */
  readonly steps: number;
}

/** Steps and seconds are those that it took to make it of the larger one. */
export type CompressedResult = RunResult & { readonly compressed: CompressionOutcome };

export type AllocationSummary = Omit<Allocation, 'blocks' | 'fields' | 'sharedElements' | 'decoder'> & {
  readonly dims: readonly number[];
};

export type TrainingEvent =
  | {
      readonly kind: 'started';
      readonly settings: ResolvedSettings;
      readonly allocation: AllocationSummary;
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
  /** Of the last step before an evaluation on validation, which precedes it; only where gradients have factors. */
  | { readonly kind: 'gradient-spectra'; readonly step: number; readonly layers: readonly LayerSpectrum[] }
  /** The run goes on at another size. An evaluation follows at once. */
  | {
      readonly kind: 'resized';
      /** Steps done. */
      readonly step: number;
      readonly settings: ResolvedSettings;
      readonly allocation: AllocationSummary;
      readonly otherParameters: number;
      readonly memory: TrainingMemory;
      /** Share of Σ_fields E‖e‖², what lookups see of the vectors, that there was no room for. */
      readonly lostEnergy: number;
      /** Back to a size from before, with the weights that it had. */
      readonly undone: boolean;
      /** The sizes that the run has gone through, without what was undone. */
      readonly stages: readonly RunStage[];
    }
  /** The run goes on as it was. */
  | {
      readonly kind: 'resize-refused';
      readonly step: number;
      readonly message: string;
      readonly remedy: string;
    }
  /** Of a trained model's weights: a smaller model. */
  | { readonly kind: 'compressed'; readonly result: CompressedResult }
  | { readonly kind: 'finished'; readonly result: RunResult };

/** Of a gradient that is carried as factors of rank k. */
export interface LayerSpectrum {
  readonly layer: string;
  /** Magnitudes, from large to small. */
  readonly sigma: readonly number[]; // [k]
  /** Shares of the gradient's energy, at most 1: see readGradientSpectra. */
  readonly kept: number;
  readonly followed: number;
}
