import { sharedMemoryMethod } from './sharedMemory.ts';

/** Desai, Chou & Shrivastava 2021, "Random Offset Block Embedding Array (ROBE)", arXiv 2108.02191. */
export const robe = sharedMemoryMethod(
  {
    paper: 'Desai et al. 2021, arXiv 2108.02191',
    explanation:
      'Chunks of Z elements lie at random places of one memory that all fields share. Larger chunks read memory in longer runs; Z = 1 is HashedNet.',
    formula: 'e[i] = M[(h(field, x, ⌊i/Z⌋) + i mod Z) mod m]',
    hyperparameters: ['vectorDim', 'chunk', 'threshold'],
  },
  ({ chunk }) => ({ kind: 'shared', chunk }),
);
