import { upperTail } from './distributions.ts';
import { CONFIDENCE, type Difference, estimateDifference, meanAndVariance } from './estimate.ts';

/**
 * The mean of a − b, pair by pair, by Student's t: of two methods with the same seeds, or of the losses of two models on the same
 * examples. Throws RangeError if they are not as many.
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  confidence = CONFIDENCE,
): Difference {
  const { mean, variance } = meanAndVariance(subtract(a, b));
  const degrees = a.length - 1;
  return estimateDifference(mean, Math.sqrt(variance / a.length), { confidence, degrees });
}

/** a − b, pair by pair. Throws RangeError if they are not as many. */
export function subtract(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length) throw new RangeError(`${a.length} values have no pairs among ${b.length}`);
  return Float64Array.from({ length: a.length }, (_, i) => a[i] - b[i]);
}

/** No comparison needs more seeds than can be trained. */
const MOST_SEEDS = 1e6;

/**
 * The fewest seeds whose interval would leave out 0, if their differences deviate by `deviation` (of the sample, n − 1) around a
 * mean of `difference`: t·deviation/√n < |difference|. Infinity, if not even a million would do.
 */
export function seedsNeeded(difference: number, deviation: number, confidence = CONFIDENCE): number {
  const tells = (seeds: number): boolean =>
    upperTail((Math.abs(difference) * Math.sqrt(seeds)) / deviation, seeds - 1) < (1 - confidence) / 2;
  if (Number.isNaN(difference) || Number.isNaN(deviation)) return NaN;
  if (!tells(MOST_SEEDS)) return Infinity;
  let [tooFew, enough] = [1, MOST_SEEDS];
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    if (tells(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
