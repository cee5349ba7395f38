import type { CompressionWayId } from '../../compression/afterTraining.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Split, Task } from '../../data/dataset.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { AllocatedBytes, LedgerChange } from '../../program/memory.ts';
import type { BlockEnergies } from '../../compression/method.ts';

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
  /** Before 'started': the run with full tables whose spectra choose the dims. */
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
      /** Of its warm-up, where it had one: what its dims, and those of a resize, are decided by. */
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

/** What training takes: the program that is trained beside the exact one, which approximates nothing. */
export interface TrainingMemory {
  /** What the layers ask for, by role: more than is allocated, where they share. */
  readonly lines: readonly LedgerChange[];
  /** Allocated by the device, by use. */
  readonly bytes: AllocatedBytes;
  readonly exactBytes: AllocatedBytes;
  /** What is not allocated because activations and gradients lie where others lay before them. */
  readonly savedBytes: number;
  /** Layers whose activations are kept as codes, and those whose gradients are factors. */
  readonly approximated: { readonly activations: readonly string[]; readonly gradients: readonly string[] };
  /** Whether every batch stays on the device, or each is uploaded for its step. */
  readonly residentData: boolean;
}

/** Counted in the weights themselves. */
export interface StoredElements {
  /** Where tables are sparse. */
  readonly nonZeros?: number;
  /** Really stored, in words: of sparse tables two a non-zero element, and where every row starts. */
  readonly parameters: number;
}

/** What is really stored of the embedding layer: by its weights where these decide it. */
export function storedParameters({ stored, allocation }: Pick<RunResult, 'stored' | 'allocation'>): number {
  return stored?.parameters ?? allocation.parameters;
}
