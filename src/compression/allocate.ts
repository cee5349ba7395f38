import type { Allocation, FieldStatistics } from './allocation.ts';
import type { AllocationRequest, ParameterRange, RangeRequest } from './method.ts';
import { methods } from './methods.ts';
import { allocatePerField, fieldMethodsOf } from './perField.ts';
import { popularityBlocks } from './popularityBlocks.ts';

/**
 * The dims that a method gives to every block of every field, and what they cost. Pure; fast enough
 * for every move of a slider as long as `fields` stays the same array (its blocks are remembered).
 * Throws BudgetTooSmallError, AllocationError.
 */
export function allocate(fields: readonly FieldStatistics[], request: AllocationRequest): Allocation {
  const chosen = fieldMethodsOf(request);
  if (chosen.size > 0) return allocatePerField(fields, request, chosen);
  return methods[request.method].allocate(popularityBlocks(fields, request.blocks), request);
}

/** The totals between which the budget makes a difference: the ends of a budget slider. */
export function reachableRange(
  fields: readonly FieldStatistics[],
  request: RangeRequest & Pick<AllocationRequest, 'blocks'>,
): ParameterRange {
  return methods[request.method].reachableRange(popularityBlocks(fields, request.blocks), request);
}
