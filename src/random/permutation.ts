import { mix32 } from './mix.ts';

const ROUNDS = 4;
const GOLDEN = 0x9e3779b9;

/**
 * A seeded bijection of 0 … 2^bits − 1, bits ≤ 32: rounds of an odd multiply and an addition modulo 2^bits,
 * each followed by an xor of the high half into the low one. shaders/permute.wgsl gives the same bits.
 * Where a hash would need lists of what fell into each bucket, a permutation is simply walked.
 */
export function permutation(seed: number, bits: number): (index: number) => number {
  const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1;
  const shift = Math.max(1, (bits + 1) >>> 1);
  const keys = Uint32Array.from({ length: ROUNDS }, (_, round) =>
    mix32((seed + Math.imul(round + 1, GOLDEN)) | 0),
  );
  const addends = keys.map((key) => mix32(key + GOLDEN));
  return (index) => {
    let x = index;
    for (let round = 0; round < ROUNDS; round++) {
      x = (Math.imul(x, keys[round] | 1) + addends[round]) & mask;
      x ^= x >>> shift;
    }
    return x >>> 0;
  };
}

/** Bits of the smallest power of two that is not below `count`. */
export function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}
