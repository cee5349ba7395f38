import type { FieldStorage } from './allocation.ts';
import { fullTable, storedParameters } from './fixedDim.ts';
import type { MethodDescription, MethodHyperparameters } from './method.ts';
import { rootOf } from './partitions.ts';
import { largestWithin, sizedMethod } from './sizedMethod.ts';

/** Yin et al. 2021, "TT-Rec: Tensor Train Compression for Deep Learning Recommendation Models". */
const description: MethodDescription = {
  paper: 'Yin et al. 2021, arXiv 2101.11714',
  explanation:
    'The table is the product of three small cores. Each of three digits of the id picks a slice of one, and the product of the slices is the vector.',
  formula: 'e = G₁[x₁]·G₂[x₂]·G₃[x₃],  G₁ ∈ R^{q₁×r}, G₂ ∈ R^{r×q₂r}, G₃ ∈ R^{r×q₃},  q₁q₂q₃ = D',
  hyperparameters: ['vectorDim', 'rank', 'threshold'],
};

/** The same rank for every field, as in the paper. */
export const tensorTrain = sizedMethod(description, {
  givenSize: ({ rank }) => rank,
  sizesOf: ranksOf,
  solve: largestWithin,
  storeField: trainField,
});

/** From 1 to one at which the middle core alone is as large as any table. */
function ranksOf(rows: readonly number[], { vectorDim }: MethodHyperparameters): readonly [number, number] {
  return [1, Math.ceil(Math.sqrt(Math.max(...rows) * vectorDim))];
}

function trainField(
  rows: number,
  rank: number,
  { vectorDim, threshold }: MethodHyperparameters,
): FieldStorage {
  if (rows <= threshold) return fullTable;
  const factors = threeFactors(vectorDim);
  const [q1, q2, q3] = factors;
  const [p1, p2, p3] = threeDigits(rows);
  const storage: FieldStorage = {
    kind: 'tensor-train',
    rank,
    factors,
    cores: [
      { divisor: p2 * p3, rows: p1, dim: q1 * rank },
      { divisor: p3, rows: p2, dim: rank * q2 * rank },
      { divisor: 1, rows: p3, dim: rank * q3 },
    ],
  };
  return storedParameters(storage, rows, vectorDim) < rows * vectorDim ? storage : fullTable;
}

/** q1·q2·q3 = D with the least sum, the least of them in the middle, where the rank counts twice: 16 = 2·2·4. */
function threeFactors(dim: number): readonly [number, number, number] {
  let best: readonly [number, number, number] = [1, 1, dim];
  for (let q2 = 1; q2 ** 3 <= dim; q2++) {
    if (dim % q2 > 0) continue;
    for (let q1 = q2; q2 * q1 * q1 <= dim; q1++) {
      const q3 = dim / q2 / q1;
      if (Number.isInteger(q3) && q1 + q2 + q3 < best[0] + best[1] + best[2]) best = [q1, q2, q3];
    }
  }
  return best;
}

/** p1·p2·p3 ≥ n, near the cube root of n. */
function threeDigits(rows: number): readonly [number, number, number] {
  const p3 = rootOf(rows, 3);
  const p2 = rootOf(Math.ceil(rows / p3), 2);
  return [Math.ceil(rows / (p2 * p3)), p2, p3];
}
