import { mix32 } from './hash.ts';

const ROUNDS = 4;
const GOLDEN = 0x9e3779b9;

/**
 * A seeded bijection of 0 … 2^bits − 1, bits ≤ 32: rounds of an odd multiply and an addition modulo 2^bits,
 * each followed by an xor of the high half into the low one. shaders/permute.wgsl gives the same bits.
 * Where a hash would need lists of what fell into each bucket, a permutation is simply walked.
 */
export function permutation(seed: number, bits: number): (index: number) => number {
  const { keys, addends, mask, shift } = roundsOf(seed, bits);
  return (index) => {
    let x = index;
    for (let round = 0; round < ROUNDS; round++) {
      x = (Math.imul(x, keys[round]) + addends[round]) & mask;
      x ^= x >>> shift;
    }
    return x >>> 0;
  };
}

/** The index that the permutation takes to a number. */
export function inversePermutation(seed: number, bits: number): (image: number) => number {
  const { keys, addends, mask, shift } = roundsOf(seed, bits);
  const inverses = keys.map(inverseOf);
  return (image) => {
    let x = image;
    for (let round = ROUNDS - 1; round >= 0; round--) {
      x ^= x >>> shift; // undoes itself, since it moves at least half of the bits out
      x = Math.imul(x - addends[round], inverses[round]) & mask;
    }
    return x >>> 0;
  };
}

function roundsOf(seed: number, bits: number) {
  const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1;
  const shift = Math.max(1, (bits + 1) >>> 1);
  const words = Uint32Array.from({ length: ROUNDS }, (_, round) =>
    mix32((seed + Math.imul(round + 1, GOLDEN)) | 0),
  );
  return {
    keys: words.map((word) => word | 1),
    addends: words.map((word) => mix32((word | 1) + GOLDEN)),
    mask,
    shift,
  };
}

/** Of an odd number, modulo 2^32: Newton's iteration doubles the bits that are right, three at first. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let i = 0; i < 4; i++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}

/** Bits of the smallest power of two that is not below `count`. */
export function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}
