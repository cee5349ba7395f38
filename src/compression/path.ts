import { fullTable, storedParameters } from './fixedDim.ts';
import type { FieldStorage } from './allocation.ts';
import { collisionMethod } from './partitions.ts';

/** Shi et al. 2019, "Compositional Embeddings Using Complementary Partitions", §4: path-based, by remainder and quotient. */
export const path = collisionMethod(
  {
    paper: 'Shi et al. 2019, arXiv 1909.02107',
    explanation:
      'An id takes a base vector by its remainder, which then passes through a small neural network that its quotient picks. Ids that share a base vector pass through different networks.',
    formula: 'e = W₂·relu(W₁·E[x mod m] + b₁) + b₂,  W and b of class ⌊x/m⌋,  m = ⌈n/c⌉',
    hyperparameters: ['vectorDim', 'pathWidth', 'collisions', 'threshold'],
  },
  (rows, collisions, { threshold, vectorDim, pathWidth: hidden }, isExact): FieldStorage => {
    if (rows <= threshold) return fullTable;
    const mlp = 2 * vectorDim * hidden + hidden + vectorDim;
    const wanted = Math.ceil(rows / collisions);
    // Fewer bases than √(n·mlp/D) would need networks that store more than they save.
    const least = Math.ceil(Math.sqrt((rows * mlp) / vectorDim));
    const classes = Math.ceil(rows / (isExact ? wanted : Math.max(wanted, least)));
    const bases = isExact ? wanted : Math.ceil(rows / classes);
    const storage: FieldStorage = {
      kind: 'path',
      hidden,
      bases: { divisor: 1, rows: bases, dim: vectorDim },
      mlps: { divisor: bases, rows: classes, dim: mlp },
    };
    return storedParameters(storage, rows, vectorDim) < rows * vectorDim ? storage : fullTable;
  },
);
