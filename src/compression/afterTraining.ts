import type { Settings } from '../settings/settings.ts';
import { allocate } from './allocate.ts';
import { allocateWithin } from './allocateWithin.ts';
import type { Allocation, FieldStatistics } from './allocation.ts';
import { BudgetTooSmallError } from './errors.ts';
import { popularityBlocks } from './popularityBlocks.ts';
import { quantisedParameters } from './roundRows.ts';
import type { BlockEnergies } from './method.ts';
import { describeAllocation } from './totals.ts';

/** How a trained model becomes a smaller one. */
export type CompressionWayId = 'truncate' | 'quantise' | 'hash';

/** A trained model as far as sizes depend on it. Its fields are blocks. */
export interface WholeModel<S extends Settings = Settings> {
  readonly settings: S;
  readonly allocation: Allocation;
  readonly fields: readonly FieldStatistics[];
}

/** What the smaller model is trained and stored as. */
export interface CompressedSize<S extends Settings = Settings> {
  readonly settings: S;
  readonly allocation: Allocation;
}

/**
 * What a budget pays for; the model's own size where it pays for all of it. Spectra that are not measured yet decide which
 * dims a truncated model has, not whether there are any. Throws BudgetTooSmallError, AllocationError.
 */
export function compressedSize<S extends Settings>(
  whole: WholeModel<S>,
  by: CompressionWayId,
  budget: number,
  spectra?: readonly BlockEnergies[],
): CompressedSize<S> {
  const { settings, allocation, fields } = whole;
  const floats = { ...settings, postTraining: 'none' as const };
  if (budget >= allocation.parameters) return { settings: floats, allocation };
  switch (by) {
    case 'truncate': {
      // Water-filling: of all dims that the budget pays for, those that lose least.
      const spectral = { method: 'mixed-dimension', allocation: 'spectral', fieldMethods: '' } as const;
      const own = { ...floats, ...spectral, budget };
      return {
        settings: own,
        allocation: allocateWithin(fields, { ...own, spectra }, allocation.baseDim),
      };
    }
    case 'quantise': {
      const own = { ...settings, postTraining: `int${bitsWithin(allocation, budget)}` as const, budget };
      return { settings: own, allocation: { ...allocation, budget } };
    }
    case 'hash': {
      const hashing = { method: 'hashing', allocation: 'popularity', fieldMethods: '' } as const;
      const own = { ...floats, ...hashing, vectorDim: allocation.baseDim, collisions: null, budget };
      return { settings: own, allocation: allocate(fields, own) };
    }
  }
}

function bitsWithin(allocation: Allocation, budget: number): 8 | 4 {
  for (const bits of [8, 4] as const) if (quantisedParameters(allocation, bits) <= budget) return bits;
  const least = quantisedParameters(allocation, 4);
  const why = `rounded to 4 bits, the tables of this model take ${least}`;
  throw new BudgetTooSmallError(budget, least, why, 'truncate or hash the model instead');
}

/** The allocation of blocks with these dims, one after another as popularityBlocks cuts them: what is left of it in a result. */
export function allocationOfDims(
  fields: readonly FieldStatistics[],
  settings: Settings,
  { dims, baseDim }: { readonly dims: readonly number[]; readonly baseDim: number },
): Allocation {
  const blocks = popularityBlocks(fields, dims.length === fields.length ? 1 : settings.blocks);
  return describeAllocation(blocks, dims, { ...settings, baseDim, budget: undefined }, baseDim);
}
