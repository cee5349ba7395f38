import { sharedMemoryMethod } from './sharedMemory.ts';

/** Desai et al. 2021, "Semantically Constrained Memory Allocation (SCMA)", LMA-DLRM, arXiv 2103.06124. */
export const lma = sharedMemoryMethod(
  {
    paper: 'Desai et al. 2021, arXiv 2103.06124',
    explanation:
      'Values that occur in the same examples get the same places of one shared memory: K minhashes of where a value occurs decide where an element lies. Two words a value remember them, which the paper does not count.',
    formula: 'e[i] = M[h(minhash_{i,1}(D_v), …, minhash_{i,K}(D_v)) mod m]',
    hyperparameters: ['vectorDim', 'minhashes', 'threshold'],
  },
  ({ minhashes }) => ({ kind: 'similar', hashes: minhashes }),
);
