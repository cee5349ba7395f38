import { partitionMethod } from './partitions.ts';

/** Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning", arXiv 0902.2206. */
export const hashing = partitionMethod(
  {
    paper: 'Weinberger et al. 2009, arXiv 0902.2206',
    explanation:
      'Ids with the same remainder share one row, so that colliding ids cannot be told apart. It is the baseline that every other way of sharing has to beat.',
    formula: 'e = E[x mod m],  m = ⌈n/c⌉',
    hyperparameters: ['vectorDim', 'collisions', 'threshold'],
  },
  (rows, collisions) => [{ divisor: 1, rows: Math.ceil(rows / collisions) }],
);
