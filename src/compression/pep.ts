import { sparseMethod } from './sparse.ts';

/**
 * Liu et al. 2021, arXiv 2101.07577, with a threshold a field. The paper trains until the elements are few
 * enough and then trains the same model again, from its initial values, with what is left; here the
 * thresholds become final in the course of one run, which goes on with the values it has. In the paper's public
 * code thresholds rise because Adam's weight decay acts on them too, by about a learning rate a step from
 * σ(−15) or less; here s starts nearer and moves faster, so that a short run gets there: see
 * thresholdRule in training/plan/buildProgram.ts.
 */
export const pep = sparseMethod(
  {
    paper: 'Liu et al. 2021, arXiv 2101.07577',
    explanation:
      'Full tables are trained, but elements below a threshold count as zero, and every field learns its threshold. When few enough are left, or it is time, what is below stays zero for good; what is still too much goes by size.',
    formula: 'e = sign(v)·max(|v| − σ(s), 0),  v = E[x]',
    hyperparameters: ['vectorDim', 'pruneEpochs'],
  },
  'learnt',
);
