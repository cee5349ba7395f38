import { allocate } from '../compression/allocate.ts';
import { allocateWithin } from '../compression/allocateWithin.ts';
import type { Allocation, FieldStatistics } from '../compression/allocation.ts';
import { BudgetTooSmallError } from '../compression/errors.ts';
import { quantisedParameters } from '../compression/roundRows.ts';
import type { BlockEnergies } from '../compression/spectralDims.ts';
import type { CompressionWayId, ResolvedSettings } from './events.ts';
import { hashModel } from './hashModel.ts';
import { type Model, refitModel } from './refitModel.ts';
import type { RunSize } from './resizer.ts';

/** A trained model as far as sizes depend on it. */
export interface WholeModel {
  readonly settings: ResolvedSettings;
  readonly allocation: Allocation;
  readonly fields: readonly FieldStatistics[];
}

/** How a trained model becomes one that a smaller budget pays for. `rowFactors` are √p_i, by field. */
export interface CompressionWay {
  /** What the budget, less than the model stores, pays for. Spectra that are not measured yet decide which dims, not whether there are any. Throws AllocationError. */
  sizeFor(whole: WholeModel, budget: number, spectra: readonly BlockEnergies[] | undefined): RunSize;
  /** Whether sizes depend on them. */
  readonly isSpectral: boolean;
  /** Fills the fresh state of a model of that size, in floats. Returns the share of Σ_fields E‖e‖² by which its vectors are off. */
  fill(whole: Model, next: Model, rowFactors: readonly Float64Array[]): number;
}

/** Dims by water-filling on the model's own spectra: of all that the budget pays for, those that lose least. */
const truncate: CompressionWay = {
  isSpectral: true,
  sizeFor({ settings, allocation, fields }, budget, spectra) {
    const method = { method: 'mixed-dimension', allocation: 'spectral', fieldMethods: '' } as const;
    const own = { ...settings, ...method, postTraining: 'none' as const, budget };
    return { settings: own, allocation: allocateWithin(fields, { ...own, spectra }, allocation.baseDim) };
  },
  fill: refitModel,
};

/** As many bits as the budget pays for, once training on is over: see quantiseTables. */
const quantise: CompressionWay = {
  isSpectral: false,
  sizeFor({ settings, allocation }, budget) {
    for (const bits of [8, 4] as const)
      if (quantisedParameters(allocation, bits) <= budget)
        return {
          settings: { ...settings, postTraining: `int${bits}`, budget },
          allocation: { ...allocation, budget },
        };
    const least = quantisedParameters(allocation, 4);
    const why = `rounded to 4 bits, the tables of this model take ${least}`;
    throw new BudgetTooSmallError(budget, least, why, 'truncate or hash the model instead');
  },
  fill: refitModel,
};

/** The hashing trick: rows that meet become one, their mean as lookups see them. */
const hash: CompressionWay = {
  isSpectral: false,
  sizeFor({ settings, allocation, fields }, budget) {
    const method = { method: 'hashing', allocation: 'popularity', fieldMethods: '' } as const;
    const size = { vectorDim: allocation.baseDim, collisions: null, budget };
    const own = { ...settings, ...method, ...size, postTraining: 'none' as const };
    return { settings: own, allocation: allocate(fields, own) };
  },
  fill: hashModel,
};

export const compressionWays: Readonly<Record<CompressionWayId, CompressionWay>> = {
  truncate,
  quantise,
  hash,
};
