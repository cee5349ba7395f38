import { cardinalitiesOf, checkTotal, describeStorage, fullTable, hyperparametersOf } from './fixedDim.ts';
import type { Method, MethodHyperparameters } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';

/** Every id has a row of D floats: what the other methods compress. */
export const full: Method = {
  paper: 'Naumov et al. 2019, arXiv 1906.00091',
  explanation:
    'Every id of every field has a vector of its own, of the same dim. Nothing is compressed: this is what the other methods are measured against.',
  formula: 'e = E[x],  E ∈ R^{n×D}',
  hyperparameters: ['vectorDim'],
  allocate(blocks, request) {
    const storage = { fields: cardinalitiesOf(blocks).map(() => fullTable) };
    checkTotal(sizeOf(blocks, request), request.budget);
    return describeStorage(blocks, request, storage);
  },
  reachableRange(blocks, request) {
    const size = sizeOf(blocks, request);
    return { min: size, max: size };
  },
};

function sizeOf(blocks: readonly PopularityBlock[], request: Partial<MethodHyperparameters>): number {
  return cardinalitiesOf(blocks).reduce((sum, rows) => sum + rows, 0) * hyperparametersOf(request).vectorDim;
}
