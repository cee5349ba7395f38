import { describe, expect, it } from 'vitest';
import { hash4, hashWords, mix32 } from '../../../src/random/hash.ts';

describe('hashWords', () => {
  /** From the Python package mmh3 5 over the little-endian bytes; the first four are widely published. */
  it.each([
    { seed: 1, words: [], hash: 0x514e28b7 },
    { seed: 0x9747b28c, words: [0x61616161], hash: 0x5a97808a },
    { seed: 0, words: [0x87654321], hash: 0xf55b516b },
    { seed: 0x5082edee, words: [0x87654321], hash: 0x2362f9de },
    { seed: 0, words: [0, 0, 0], hash: 0xd941144b },
    { seed: 1, words: [2, 3, 4], hash: 0xd4b33233 },
    { seed: 0xffffffff, words: [0xffffffff, 0xffffffff, 0xffffffff], hash: 0x906fb002 },
    { seed: 42, words: [33_762_577, 15, 7], hash: 0x1a246c7e },
  ])('is MurmurHash3_x86_32: seed $seed, words $words', ({ seed, words, hash }) => {
    expect(hashWords(seed, words)).toBe(hash);
  });

  it('is hash4 for three words', () => {
    for (let i = 0; i < 1000; i++) {
      const [seed, a, b, c] = [0, 1, 2, 3].map((j) => Math.imul(4 * i + j, 0x9e3779b1) >>> 0);
      expect(hash4(seed, a, b, c)).toBe(hashWords(seed, [a, b, c]));
    }
  });
});

describe('mix32', () => {
  it('gives the published answers', () => {
    expect(mix32(0)).toBe(0);
    expect(mix32(1)).toBe(0x514e28b7);
  });

  it('changes about half of the output bits when one input bit flips', () => {
    const inputs = 256;
    let flipped = 0;
    for (let i = 0; i < inputs; i++) {
      for (let bit = 0; bit < 32; bit++) {
        const difference = (mix32(i) ^ mix32(i ^ (1 << bit))) >>> 0;
        flipped += difference.toString(2).replaceAll('0', '').length;
      }
    }
    expect(flipped / (inputs * 32 * 32)).toBeGreaterThan(0.48);
    expect(flipped / (inputs * 32 * 32)).toBeLessThan(0.52);
  });
});

describe('hash4', () => {
  it('spreads neighbouring rows and dims evenly over any number of places', () => {
    for (const places of [7, 64, 1000]) {
      const hits = new Float64Array(places);
      const draws = 400 * places;
      for (let i = 0; i < draws; i++) hits[hash4(1, i >>> 4, i & 15, 0) % places]++;
      const chiSquare = hits.reduce((sum, hit) => sum + (hit - 400) ** 2 / 400, 0);
      expect(Math.abs(chiSquare - (places - 1))).toBeLessThan(5 * Math.sqrt(2 * places));
    }
  });
});
