import type { AllocationId, MethodId, Popularity, Rounding, Settings } from '../settings/settings.ts';
import type { Allocation } from './allocation.ts';
import type { PopularityBlock } from './popularityBlocks.ts';

/** How a method is described to people; its label stands in the table of settings. */
export interface MethodDescription {
  readonly paper: string;
  /** Two sentences. */
  readonly explanation: string;
  readonly formula: string;
  /** The settings that it reads beside the budget, in the order in which they are shown. */
  readonly hyperparameters: readonly (keyof Settings)[];
}

/** A compression method, and how it spends a budget. One file each. */
export interface Method extends MethodDescription {
  /** Throws BudgetTooSmallError, AllocationError. */
  allocate(blocks: readonly PopularityBlock[], request: AllocationRequest): Allocation;
  /** The totals between which the budget makes a difference. */
  reachableRange(blocks: readonly PopularityBlock[], limits: RangeRequest): ParameterRange;
}

export interface DimLimits {
  readonly rounding: Rounding;
  /** Cap on every dim; with power-of-two rounding the largest power of two up to it. */
  readonly maxDim: number;
}

/** What the methods of a given dim read; the defaults of settings.ts where left out. */
export type MethodHyperparameters = Pick<
  Settings,
  | 'vectorDim'
  | 'threshold'
  | 'combine'
  | 'partitions'
  | 'collisions'
  | 'chunk'
  | 'minhashes'
  | 'hotShare'
  | 'pathWidth'
  | 'hashes'
  | 'hiddenLayers'
  | 'hiddenWidth'
  | 'rank'
>;

export type AllocationRequest = DimLimits &
  Partial<MethodHyperparameters> & {
    /** Fields with a method of their own, as readFieldMethods reads them. */
    readonly fieldMethods?: string;
    /** True: vectors must have dim `vectorDim`, because those of other fields have it. */
    readonly keepsDim?: boolean;
    readonly method: MethodId;
    /** Temperature, 0 … 1. */
    readonly alpha: number;
    /** k: 1 is a block per field, more are k blocks of equal popularity mass in each field. */
    readonly blocks: number;
    readonly popularity: Popularity;
    /** 'spectral': dims by `spectra`, one a block; before they are measured, dims by popularity stand in. */
    readonly allocation?: AllocationId;
    readonly spectra?: readonly BlockEnergies[] | undefined;
  } & (BudgetRequest | BaseDimRequest);

/** Solve for the size: the largest total, everything included, that is at most `budget`. */
interface BudgetRequest {
  readonly budget: number;
  /** 'dlrm': as facebookresearch/dlrm solves it, which overshoots: it clamps and rounds afterwards. */
  readonly rule?: 'dlrm';
  readonly baseDim?: undefined;
}

/** D is given and the total follows. */
interface BaseDimRequest {
  readonly baseDim: number;
  readonly rule?: 'dlrm';
  readonly budget?: undefined;
}

export type RangeRequest = DimLimits &
  Partial<MethodHyperparameters> &
  Pick<AllocationRequest, 'method' | 'keepsDim'>;

export interface ParameterRange {
  readonly min: number;
  readonly max: number;
}

/** How much the vectors of a block use each singular direction, weighed by how often their rows are looked up. */
export interface BlockEnergies {
  readonly field: number;
  readonly firstId: number;
  /** σ_k² of its rows times √p_i, p_i the share of the field's lookups that hit row i: falling. */
  readonly energies: Float64Array | readonly number[];
}
