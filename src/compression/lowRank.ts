import { cardinalitiesOf, describeStorage, fullTable, hyperparametersOf, tooSmall } from './fixedDim.ts';
import type { Method } from './method.ts';

/** A table of rank d a field: the mixed dimension layer of Ginart et al. 2019 with one dim for all. */
export const lowRank: Method = {
  paper: 'Ginart et al. 2019, arXiv 1909.11810',
  explanation:
    'Every field is a short table times one projection to D, so that all its vectors lie in a d-dimensional space. It is mixed dimension without regard to popularity.',
  formula: 'e = E[x]·P,  E ∈ R^{n×d}, P ∈ R^{d×D}',
  hyperparameters: ['vectorDim'],
  allocate(blocks, request) {
    const { vectorDim } = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    const budget = request.budget ?? Infinity;
    let dim = vectorDim;
    while (dim > 1 && totalAt(dim, rows, vectorDim) > budget) dim--;
    const parameters = totalAt(dim, rows, vectorDim);
    if (parameters > budget) throw tooSmall(budget, parameters);
    const described = describeStorage(blocks, request, { fields: rows.map(() => fullTable) });
    const projection = dim < vectorDim ? dim * vectorDim : 0;
    const projectionParameters = projection * rows.length;
    return {
      ...described,
      blocks: described.blocks.map(({ field, firstId, rows: own, mass, popularity }) => ({
        field,
        firstId,
        rows: own,
        mass,
        popularity,
        dim,
        tableParameters: own * dim,
        projectionParameters: projection,
      })),
      embeddingParameters: parameters - projectionParameters,
      projectionParameters,
      parameters,
      paperParameters: parameters,
    };
  },
  reachableRange(blocks, request) {
    const { vectorDim } = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    return { min: totalAt(1, rows, vectorDim), max: totalAt(vectorDim, rows, vectorDim) };
  },
};

/** Σ n·d, and d·D a field where d < D. */
function totalAt(dim: number, rows: readonly number[], vectorDim: number): number {
  const projection = dim < vectorDim ? dim * vectorDim : 0;
  return rows.reduce((sum, own) => sum + own * dim + projection, 0);
}
