import { expect, test } from 'vitest';
import { bitsFor, inversePermutation, permutation } from '../../../src/random/permutation.ts';

test('every permutation meets every number once', () => {
  for (let bits = 0; bits <= 13; bits++) {
    const at = permutation(7 * bits, bits);
    const seen = new Set(Array.from({ length: 2 ** bits }, (_, i) => at(i)));
    expect(seen.size).toBe(2 ** bits);
    expect(Math.max(...seen)).toBe(2 ** bits - 1);
    const back = inversePermutation(7 * bits, bits);
    for (let i = 0; i < 2 ** bits; i++) expect(back(at(i))).toBe(i);
  }
});

test('32 bits are a permutation too: no two of a million meet', () => {
  const at = permutation(3, 32);
  const back = inversePermutation(3, 32);
  for (const i of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect(back(at(i))).toBe(i);
  expect(new Set(Array.from({ length: 1e6 }, (_, i) => at(i))).size).toBe(1e6);
});

test('neighbours share a part of equal size as often as chance has it', () => {
  const [bits, parts, seeds] = [12, 64, 200];
  let together = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const at = permutation(seed, bits);
    const partOf = new Uint32Array(2 ** bits);
    for (let i = 0; i < 2 ** bits; i++) partOf[at(i)] = i % parts;
    for (let i = 1; i < 2 ** bits; i++) if (partOf[i] === partOf[i - 1]) together++;
  }
  const expected = (seeds * (2 ** bits - 1)) / parts;
  expect(Math.abs(together - expected)).toBeLessThan(6 * Math.sqrt(expected));
});

test('bits for a count', () => {
  expect([0, 1, 2, 3, 4, 5, 2 ** 20, 2 ** 20 + 1, 2 ** 32].map(bitsFor)).toEqual([
    0, 0, 1, 2, 2, 3, 20, 21, 32,
  ]);
});
