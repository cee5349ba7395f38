import { sparseMethod } from './sparse.ts';

/** Deng et al. 2021, "DeepLight", arXiv 2002.06987, §3.3; only the tables are pruned here, not the MLPs. */
export const prune = sparseMethod({
  paper: 'Deng et al. 2021, arXiv 2002.06987',
  explanation:
    'Full tables are trained while their smallest elements, of all fields together, are set to zero for good, more and more of them. What is left is stored with its column, and every row with where it starts.',
  formula: 'e = E[x],  |E|₀ ≤ (budget − Σ (n + 1)) / 2',
  hyperparameters: ['vectorDim', 'pruneEpochs'],
});
