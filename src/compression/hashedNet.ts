import { sharedMemoryMethod } from './sharedMemory.ts';

/** Chen et al. 2015, "Compressing Neural Networks with the Hashing Trick", arXiv 1504.04788. */
export const hashedNet = sharedMemoryMethod(
  {
    paper: 'Chen et al. 2015, arXiv 1504.04788',
    explanation:
      'Every element of every vector lies at a random place of one memory that all fields share. Two ids rarely share more than an element or two, but nothing lies side by side.',
    formula: 'e[i] = M[h(field, x, i) mod m]',
    hyperparameters: ['vectorDim', 'threshold'],
  },
  () => ({ kind: 'shared', chunk: 1 }),
);
