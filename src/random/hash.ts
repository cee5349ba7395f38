/**
 * The project's only hash: MurmurHash3_x86_32 (Appleby 2011, public domain) over 32-bit words, the
 * bytes of each in little-endian order. u32 arithmetic only, so shaders/hash.wgsl gives the same bits.
 * `Random` draws numbers in order; a hash is for what has to be found again from a key alone.
 *
 *     h ← seed
 *     each word:  k ← rotl(word·0xcc9e2d51, 15)·0x1b873593;   h ← rotl(h ^ k, 13)·5 + 0xe6546b64
 *     h ← mix32(h ^ 4·words)
 */

/** MurmurHash3's finaliser: a bijection of u32 in which every input bit reaches every output bit; mix32(0) = 0. */
export function mix32(a: number): number {
  a ^= a >>> 16;
  a = Math.imul(a, 0x85ebca6b);
  a ^= a >>> 13;
  a = Math.imul(a, 0xc2b2ae35);
  return (a ^ (a >>> 16)) >>> 0;
}

/** u32 hash of any number of u32 words. */
export function hashWords(seed: number, words: Iterable<number>): number {
  let hash = seed | 0;
  let sizeBytes = 0;
  for (const word of words) {
    hash = absorb(hash, word);
    sizeBytes += 4;
  }
  return mix32(hash ^ sizeBytes);
}

/** hashWords(seed, [a, b, c]) without the array: `hash4` of shaders/hash.wgsl. */
export function hash4(seed: number, a: number, b: number, c: number): number {
  return mix32(absorb(absorb(absorb(seed | 0, a), b), c) ^ 12);
}

function absorb(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  hash ^= Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}
