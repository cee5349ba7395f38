import { describe, expect, it } from 'vitest';
import { pcg4d, Random, streamOf } from '../../../src/random/random.ts';

describe('pcg4d', () => {
  it('changes about half of the output bits when one input bit flips', () => {
    const a = new Uint32Array(4);
    const b = new Uint32Array(4);
    let flipped = 0;
    for (let bit = 0; bit < 32; bit++) {
      pcg4d(12345, 6, 7, 8, a);
      pcg4d(12345 ^ (1 << bit), 6, 7, 8, b);
      for (let w = 0; w < 4; w++) flipped += (a[w] ^ b[w]).toString(2).replaceAll(/[^1]/g, '').length;
    }
    expect(flipped / (32 * 128)).toBeGreaterThan(0.35);
    expect(flipped / (32 * 128)).toBeLessThan(0.6);
  });
});

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, and others for another', () => {
    const draw = (seed: number, stream: string) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 8 }, () => random.word());
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(streamOf('a')).not.toBe(streamOf('b'));
  });

  it('starts anywhere in a sequence', () => {
    const whole = new Random(3, 'x');
    const words = Array.from({ length: 12 }, () => whole.word());
    expect(new Random(3, 'x').at(2).word()).toBe(words[8]);
  });

  it('is uniform on [0, 1) and standard normal to three standard errors', () => {
    const random = new Random(9, 'moments');
    const n = 100_000;
    let mean = 0;
    let normalMean = 0;
    let normalSquare = 0;
    for (let i = 0; i < n; i++) {
      mean += random.uniform() / n;
      const z = random.normal();
      normalMean += z / n;
      normalSquare += (z * z) / n;
    }
    expect(Math.abs(mean - 0.5)).toBeLessThan(3 / Math.sqrt(12 * n));
    expect(Math.abs(normalMean)).toBeLessThan(3 / Math.sqrt(n));
    expect(Math.abs(normalSquare - 1)).toBeLessThan(3 * Math.sqrt(2 / n));
  });

  it('shuffles into a permutation', () => {
    const values = new Random(1, 's').shuffle(Uint32Array.from({ length: 1000 }, (_, i) => i));
    expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(values[0] === 0 && values[1] === 1 && values[2] === 2).toBe(false);
  });
});
