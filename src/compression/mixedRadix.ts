import type { Radix } from './partitions.ts';
import { firstRadix, partitionMethod, rootOf } from './partitions.ts';

/** Shi et al. 2019, arXiv 1909.02107, §3.1: generalised quotient–remainder. */
export const mixedRadix = partitionMethod(
  {
    paper: 'Shi et al. 2019, arXiv 1909.02107',
    explanation:
      'The id is written in a number system of two or three digits, and every digit has a table of its own. Three digits need about 3·∛n rows to tell n ids apart.',
    formula: 'e = ∘ⱼ Eⱼ[⌊x/Mⱼ⌋ mod mⱼ],  Mⱼ = Π_{i<j} mᵢ,  Π mⱼ ≥ n',
    hyperparameters: ['vectorDim', 'partitions', 'combine', 'collisions', 'threshold'],
  },
  (rows, collisions, { partitions }, isExact) => {
    const radices: Radix[] = [{ divisor: 1, rows: firstRadix(rows, collisions, partitions, isExact) }];
    for (let j = 1; j < partitions; j++) {
      const divisor = radices[j - 1].divisor * radices[j - 1].rows;
      radices.push({ divisor, rows: rootOf(Math.ceil(rows / divisor), partitions - j) });
    }
    return radices;
  },
);
