import { firstRadix, partitionMethod } from './partitions.ts';

/** Shi et al. 2019, "Compositional Embeddings Using Complementary Partitions", arXiv 1909.02107, §3. */
export const quotientRemainder = partitionMethod(
  {
    paper: 'Shi et al. 2019, arXiv 1909.02107',
    explanation:
      'An id takes one vector by its remainder and one by its quotient, and the two are combined. No two ids share both, so every id keeps a vector of its own made of shared parts.',
    formula: 'e = E₁[x mod m] ∘ E₂[⌊x/m⌋],  m = ⌈n/c⌉',
    hyperparameters: ['vectorDim', 'combine', 'collisions', 'threshold'],
  },
  (rows, collisions, _, isExact) => {
    const remainders = firstRadix(rows, collisions, 2, isExact);
    return [
      { divisor: 1, rows: remainders },
      { divisor: remainders, rows: Math.ceil(rows / remainders) },
    ];
  },
);
