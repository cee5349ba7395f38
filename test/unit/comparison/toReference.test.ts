import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceToReference, formatDifference } from '../../../src/comparison/toReference.ts';

const seeds = (values: readonly number[], first = 1) =>
  values.map((value, i) => ({ seed: first + i, value }));

describe('the difference to a reference', () => {
  test('is paired by seed: what seeds share does not widen the interval', () => {
    // t = 4.302653 for two degrees of freedom; differences 0.01, 0.012, 0.011.
    const difference = differenceToReference(seeds([0.71, 0.812, 0.611]), seeds([0.7, 0.8, 0.6]))!;
    expect(difference.mean).toBeCloseTo(0.011, 12);
    expect(difference.interval?.low).toBeCloseTo(0.011 - (4.302653 * 0.001) / Math.sqrt(3), 8);
    expect(formatDifference(difference, 4)).toBe('+0.0110 (+0.0085 to +0.0135, 3 seeds)');
  });

  test('leaves out seeds without a partner, and is none without pairs', () => {
    expect(differenceToReference(seeds([1, 2], 1), seeds([5, 7], 2))!.pairs).toBe(1);
    expect(differenceToReference(seeds([1], 1), seeds([1], 2))).toBeNull();
    expect(differenceToReference([], [])).toBeNull();
  });

  test('of one seed has no interval, and says so', () => {
    const difference = differenceToReference(seeds([0.75]), seeds([0.76]))!;
    expect(formatDifference(difference, 3)).toBe('−0.010, one seed: no interval');
  });

  test('says in words where no effect is shown, and how many seeds would tell', () => {
    const difference = differenceToReference(seeds([0.71, 0.79, 0.62]), seeds([0.7, 0.8, 0.6]))!;
    expect(formatDifference(difference, 3)).toMatch(
      /^no effect shown: \+0\.007 \(−0\.031 to \+0\.045, 3 seeds\); about \d+ seeds would tell$/,
    );
  });

  test('repeats of a seed are no new evidence', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 10 }), (a, b, times) => {
        const once = differenceToReference(seeds(a), seeds(b));
        const repeated = Array.from({ length: times }, () => seeds(a)).flat();
        expect(differenceToReference(repeated, seeds(b))).toEqual(once);
      }),
    );
  });
});
