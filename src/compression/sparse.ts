import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  type Storage,
  tooSmall,
} from './fixedDim.ts';
import type { AllocationRequest, Method, MethodDescription, RangeRequest } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';

/**
 * A table in compressed sparse rows: a value and its column for every element that is not zero, and
 * where every row starts. A word each: columns below 256 would fit a byte, but that is not done.
 */
type SparseStorage = Extract<FieldStorage, { kind: 'sparse' }>;

/**
 * A method that trains full tables and leaves all but a few elements zero. What the budget caps is
 * what is deployed, 2·(elements kept) + Σ (n + 1) words; the elements are shared out over all
 * fields by the training itself. A budget for full tables gives full tables.
 */
export function sparseMethod(description: MethodDescription, threshold?: 'learnt'): Method {
  const sparse: SparseStorage = threshold ? { kind: 'sparse', threshold } : { kind: 'sparse' };
  return {
    ...description,
    allocate(blocks, request) {
      const { budget = Infinity } = request;
      const { rows, leanest, full } = endsOf(blocks, request, sparse);
      if (budget >= full) return describeStorage(blocks, request, { fields: rows.map(() => fullTable) });
      const smallest = Math.min(full, sizeOf(leanest, rows));
      if (budget < smallest) throw tooSmall(budget, smallest);
      const rowStarts = sizeOf({ ...leanest, nonZeros: 0 }, rows);
      const storage = { ...leanest, nonZeros: Math.floor((budget - rowStarts) / 2) };
      return describeStorage(blocks, request, storage, storage.nonZeros);
    },
    reachableRange(blocks, request) {
      const { rows, leanest, full } = endsOf(blocks, request, sparse);
      return { min: Math.min(full, sizeOf(leanest, rows)), max: full };
    },
  };
}

/** The sparsest tables keep as many elements as one vector has. */
function endsOf(
  blocks: readonly PopularityBlock[],
  request: AllocationRequest | RangeRequest,
  sparse: SparseStorage,
) {
  const { vectorDim } = hyperparametersOf(request);
  const rows = cardinalitiesOf(blocks);
  const leanest: Storage = { fields: rows.map(() => sparse), nonZeros: vectorDim };
  return { rows, leanest, full: rows.reduce((sum, own) => sum + own, 0) * vectorDim };
}

/** The stored size does not depend on the dim, hence 0. */
function sizeOf(storage: Storage, rows: readonly number[]): number {
  return parametersOf(storage, rows, 0);
}
