import type { Radix } from './partitions.ts';
import { firstRadix, partitionMethod, rootOf } from './partitions.ts';

/** Shi et al. 2019, arXiv 1909.02107, §3.1: remainders by pairwise coprime moduli. */
export const chineseRemainder = partitionMethod(
  {
    paper: 'Shi et al. 2019, arXiv 1909.02107',
    explanation:
      'An id takes a vector for its remainder by each of two or three coprime numbers. Their product is at least n, so by the Chinese remainder theorem no two ids share all of them.',
    formula: 'e = ∘ⱼ Eⱼ[x mod mⱼ],  mⱼ pairwise coprime,  Π mⱼ ≥ n',
    hyperparameters: ['vectorDim', 'partitions', 'combine', 'collisions', 'threshold'],
  },
  (rows, collisions, { partitions }, isExact) => {
    const radices: Radix[] = [{ divisor: 1, rows: firstRadix(rows, collisions, partitions, isExact) }];
    let product = radices[0].rows;
    for (let j = 1; j < partitions; j++) {
      let modulus = rootOf(Math.ceil(rows / product), partitions - j);
      while (radices.some((radix) => greatestCommonDivisor(radix.rows, modulus) > 1)) modulus++;
      radices.push({ divisor: 1, rows: modulus });
      product *= modulus;
    }
    return radices;
  },
);

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
