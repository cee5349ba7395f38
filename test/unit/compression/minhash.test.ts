import { describe, expect, test } from 'vitest';
import {
  type Lookups,
  Minhasher,
  signatureLocation,
  signatureShape,
  type SignatureShape,
  signValues,
} from '../../../src/compression/minhash.ts';
import { loadSample } from '../../../src/data/load.ts';
import { zipf } from '../../../src/data/samples/statistics.ts';
import { finish } from '../../../src/pieces/pieces.ts';
import { Random } from '../../../src/random/random.ts';
import { lookupsOf } from '../../support/lookupsOf.ts';

const pairs = 1500;
const dims = 16;
const m = 50;
const other = pairs;

/**
 * Value v of field 0 and value v of field 1 have `both` examples in common, `left` and `right` are
 * theirs alone: J = both / (both + left + right).
 */
function pairsThatShare(both: number, left: number, right: number): Lookups {
  const ids: number[] = [];
  for (let v = 0; v < pairs; v++) {
    for (let e = 0; e < both; e++) ids.push(v, v);
    for (let e = 0; e < left; e++) ids.push(v, other);
    for (let e = 0; e < right; e++) ids.push(other, v);
  }
  return lookupsOf({
    cardinalities: [pairs + 1, pairs + 1],
    ids: Uint32Array.from(ids),
    train: { start: 0, count: ids.length / 2 },
  });
}

/** Mean over the pairs of the share of dims that they have in one place, and its standard error. */
function shareOf(isShared: (pair: number, dimension: number) => boolean) {
  const shares = Float64Array.from({ length: pairs }, (_, pair) => {
    let shared = 0;
    for (let dimension = 0; dimension < dims; dimension++) if (isShared(pair, dimension)) shared++;
    return shared / dims;
  });
  const mean = shares.reduce((sum, share) => sum + share, 0) / pairs;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / pairs;
  return { mean, error: Math.sqrt(variance / pairs) };
}

function expectedShare(J: number, K: number): number {
  return J ** K + (1 - J ** K) / m;
}

const similarities = [
  { J: 0, lookups: pairsThatShare(0, 1, 2) },
  { J: 1 / 3, lookups: pairsThatShare(1, 1, 1) },
  { J: 2 / 3, lookups: pairsThatShare(4, 2, 0) },
  { J: 1, lookups: pairsThatShare(3, 0, 0) },
];

describe.each(similarities)('two values of Jaccard similarity $J', ({ J, lookups }) => {
  test.each([1, 2, 4])('share J^K + (1 − J^K)/m of their dims with fresh minhashes, K = %i', (K) => {
    const hasher = finish(Minhasher.of(lookups, 7));
    const places = Array.from({ length: dims }, (_, dimension) => hasher.locations(dimension, K, m));
    const { mean, error } = shareOf((v, dimension) => {
      return places[dimension][v] === places[dimension][pairs + 1 + v];
    });
    expect(Math.abs(mean - expectedShare(J, K))).toBeLessThanOrEqual(4 * error);
  });

  const shapes: readonly SignatureShape[] = [
    signatureShape,
    { minhashes: 15, bits: 4 },
    { minhashes: 4, bits: 16 },
  ];
  const cases = shapes.flatMap((shape) =>
    [1, 2, 4].filter((K) => K * shape.bits <= 32).map((K) => [shape.minhashes, shape.bits, K] as const),
  );
  test.each(cases)('share as much as %i minhashes of %i bits say, K = %i', (minhashes, bits, K) => {
    const shape = { minhashes, bits };
    const { words } = signValues(lookups, 7, shape);
    const place = (row: number, dimension: number) =>
      signatureLocation(words[2 * row], words[2 * row + 1], dimension, K, m, shape);
    const { mean, error } = shareOf(
      (v, dimension) => place(v, dimension) === place(pairs + 1 + v, dimension),
    );
    const q = J + (1 - J) / 2 ** shape.bits;
    // Few words a dimension: which of them meet in one place is a draw of its own.
    const wordPairs = (dims * 2 ** (shape.bits * K) * (2 ** (shape.bits * K) - 1)) / 2;
    const chance = Math.sqrt((1 / m) * (1 - 1 / m)) / Math.sqrt(wordPairs);
    expect(Math.abs(mean - expectedShare(q, K))).toBeLessThanOrEqual(4 * Math.hypot(error, chance));
  });
});

describe('signatures', () => {
  const { ids, splits, fields } = loadSample('clicks');
  const cardinalities = fields.map((field) => field.cardinality);
  const train = splits.train;
  const clicks = lookupsOf({ cardinalities, ids, train });

  test('are the same bits for the same seed, and others for another', () => {
    const { words, storedParameters } = signValues(clicks, 1);
    expect(signValues(clicks, 1).words).toEqual(words);
    expect(signValues(clicks, 2).words).not.toEqual(words);
    expect(storedParameters).toBe(2 * cardinalities.reduce((sum, rows) => sum + rows, 0));
  });

  test('look at the training split alone', () => {
    const blinded = ids.slice();
    blinded.fill(0, splits.train.count * fields.length);
    expect(signValues(lookupsOf({ cardinalities, ids: blinded, train }), 1).words).toEqual(
      signValues(clicks, 1).words,
    );
  });

  test('of values that were never sampled are as different as chance makes them', () => {
    const lookups = lookupsOf({
      cardinalities: [1000],
      ids: Uint32Array.of(0),
      train: { start: 0, count: 1 },
    });
    const { words } = signValues(lookups, 3);
    let equal = 0;
    for (let row = 1; row < 999; row++) {
      for (let shift = 0; shift < 32; shift += 8) {
        if (((words[2 * row] ^ words[2 * row + 2]) >>> shift) % 256 === 0) equal++;
      }
    }
    expect(equal / (998 * 4)).toBeLessThan(4 / 256);
    expect(equal / (998 * 4)).toBeGreaterThan(1 / 4 / 256);
  });

  test('spread the dims evenly over the memory', () => {
    const { words } = signValues(clicks, 1);
    const places = 64;
    const hits = new Float64Array(places);
    for (let row = 0; row < words.length / 2; row++) {
      for (let dimension = 0; dimension < dims; dimension++) {
        hits[signatureLocation(words[2 * row], words[2 * row + 1], dimension, 2, places)]++;
      }
    }
    const mean = (words.length / 2) * (dims / places);
    expect(Math.max(...hits)).toBeLessThan(1.3 * mean);
    expect(Math.min(...hits)).toBeGreaterThan(0.7 * mean);
  });

  test('of data of the size of Criteo take under two seconds of processor time', () => {
    const examples = 200_000;
    const rows = [
      1460, 583, 100_000, 100_000, 305, 24, 12_517, 633, 3, 93_145, 5683, 100_000, 3194, 27, 14_992, 100_000,
      10, 5652, 2173, 4, 100_000, 18, 15, 100_000, 105, 100_000,
    ];
    const values = new Uint32Array(examples * rows.length);
    for (const [f, size] of rows.entries()) {
      const popularity = zipf(size, 1);
      const random = new Random(1, f);
      for (let i = f; i < values.length; i += rows.length) values[i] = popularity.draw(random);
    }
    const lookups = lookupsOf({
      cardinalities: rows,
      ids: values,
      train: { start: 0, count: examples },
    });
    const before = process.cpuUsage();
    signValues(lookups, 1);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});
