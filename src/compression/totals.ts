import type { Allocation, Block, FieldStorage } from './allocation.ts';
import { AllocationError, BudgetTooSmallError } from './errors.ts';
import type { AllocationRequest, DimLimits, ParameterRange } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';
import { largestDim } from './rounding.ts';

/** What is stored: rows·dim for every block, and dim·D where dim < D. D is the largest dim, or `leastBaseDim` if that is larger. */
export interface Totals {
  readonly baseDim: number;
  readonly embeddingParameters: number;
  readonly projectionParameters: number;
  readonly parameters: number;
}

export function totalsOf(
  blocks: readonly PopularityBlock[],
  dims: ArrayLike<number>,
  leastBaseDim = 0,
): Totals {
  let baseDim = leastBaseDim;
  for (let i = 0; i < blocks.length; i++) baseDim = Math.max(baseDim, dims[i]);
  let embeddingParameters = 0;
  let projectionParameters = 0;
  for (let i = 0; i < blocks.length; i++) {
    embeddingParameters += blocks[i].rows * dims[i];
    if (dims[i] < baseDim) projectionParameters += dims[i] * baseDim;
  }
  const parameters = embeddingParameters + projectionParameters;
  return { baseDim, embeddingParameters, projectionParameters, parameters };
}

const inBlocks: FieldStorage = { kind: 'blocks' };

/** The allocation of blocks with these dims, and what it costs. */
export function describeAllocation(
  blocks: readonly PopularityBlock[],
  dims: ArrayLike<number>,
  request: AllocationRequest,
  leastBaseDim = 0,
): Allocation {
  const { method, alpha, budget = null } = request;
  const totals = totalsOf(blocks, dims, leastBaseDim);
  const { baseDim } = totals;
  const described = blocks.map((block, i): Block => {
    const { field, firstId, rows, mass } = block;
    const dim = dims[i];
    // Written out: spreading `block` took half of the time of a whole allocation.
    return {
      field,
      firstId,
      rows,
      mass,
      popularity: popularityOf(block, request),
      dim,
      tableParameters: rows * dim,
      projectionParameters: dim < baseDim ? dim * baseDim : 0,
    };
  });
  const fields = described.length > 0 ? described.at(-1)!.field + 1 : 0;
  return {
    method,
    alpha,
    ...totals,
    paperParameters: totals.parameters,
    blocks: described,
    fields: Array.from({ length: fields }, () => inBlocks),
    sharedElements: 0,
    budget,
  };
}

/** Probability that a lookup hits one given row of the block: 1/rows, or mass/rows. */
export function popularityOf(
  { rows, mass }: PopularityBlock,
  { popularity }: Pick<AllocationRequest, 'popularity'>,
): number {
  return (popularity === 'rows' ? 1 : mass) / rows;
}

/** From a dim of 1 to the largest dim for every row; neither end needs projections. */
export function rangeOfDims(blocks: readonly PopularityBlock[], limits: DimLimits): ParameterRange {
  const rows = totalRows(blocks);
  return { min: rows, max: rows * largestDim(limits) };
}

export function totalRows(blocks: readonly PopularityBlock[]): number {
  return blocks.reduce((sum, block) => sum + block.rows, 0);
}

export function checkBudget(blocks: readonly PopularityBlock[], budget: number): void {
  const smallest = totalRows(blocks);
  if (!(budget >= smallest)) throw new BudgetTooSmallError(budget, smallest);
}

export function checkBaseDim(baseDim: number, limits: DimLimits): void {
  const largest = largestDim(limits);
  if (baseDim >= 1 && baseDim <= largest) return;
  throw new AllocationError(
    `The base dim cannot be ${baseDim}.`,
    `Choose one from 1 to ${largest}, the largest dim, or raise the largest dim.`,
  );
}
