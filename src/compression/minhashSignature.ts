import { hash4 } from '../random/mix.ts';
import { type Lookups, Minhasher } from './minhash.ts';

/**
 * The practical form of LMA (Desai et al. 2021, arXiv 2103.06124): a value keeps two words of
 * minhashes, and the place of each of its dimensions in the shared memory follows from them.
 *
 *     minhash j of the signature:  s_j = the lowest `bits` bits of h_j(D_v), at bit j·bits of (low, high)
 *     dimension i picks K different s_j, the same for all values (Floyd's sampling):
 *       for t = minhashes − K … minhashes − 1:
 *         j ← hash4(pickSeed, i, t, K) mod (t + 1);  if j was picked: j ← t;  word ← word·2^bits + s_j
 *     place ← hash4(placeSeed, i, word, K) mod m
 *
 * u32 arithmetic only. With Jaccard similarity J two kept minhashes agree with probability
 * q = J + (1 − J)·2^−bits, and two values share q^K + (1 − q^K)/m of their dimensions on average,
 * where J^K + (1 − J^K)/m is asked for. A dimension has at most 2^(bits·K) places, whatever m.
 */
export interface SignatureShape {
  /** minhashes · bits ≤ 64; bits divides 32. */
  readonly minhashes: number;
  readonly bits: number;
}

/**
 * Sixteen places a dimension for K = 1 and 256 for K = 2 is what 15 minhashes of 4 bits give: with
 * D = 16 and K = 2 no more than 4,096 floats of a memory of any size would be used. Eight of 8 bits
 * have the same size, come closer to J^K (0.1129 for 0.1111 at J = 1/3, K = 2; 4 bits: 0.1406) and
 * reach 65,536 places a dimension; the 28 pairs among them are enough for different dimensions.
 */
export const signatureShape: SignatureShape = { minhashes: 8, bits: 8 };

const pickSeed = 0x7069636b;
/** Of the hash that finds a place from the picked minhashes. */
export const placeSeed = 0x706c6163;

export interface Signatures {
  readonly words: Uint32Array; // [rows over all fields, 2]: low, high
  /** What a deployed model keeps of them, in words; the paper counts none. */
  readonly storedParameters: number;
}

/** The signature of every value of every field. */
export function signValues(lookups: Lookups, seed: number, shape = signatureShape): Signatures {
  const { minhashes, bits } = shape;
  const hasher = new Minhasher(lookups, seed);
  const words = new Uint32Array(2 * hasher.rows);
  const mask = 2 ** bits - 1;
  for (let j = 0; j < minhashes; j++) {
    const hashes = hasher.minhashes(j);
    const word = (j * bits) >>> 5;
    const shift = (j * bits) & 31;
    for (let row = 0; row < hasher.rows; row++) words[2 * row + word] |= (hashes[row] & mask) << shift;
  }
  return { words, storedParameters: words.length };
}

/** The place of a dimension in 0 … m−1. K ≤ 32 / bits. */
export function signatureLocation(
  low: number,
  high: number,
  dimension: number,
  K: number,
  m: number,
  { minhashes, bits } = signatureShape,
): number {
  const mask = 2 ** bits - 1;
  let word = 0;
  for (const j of signaturePicks(dimension, K, minhashes)) {
    const shift = j * bits;
    word = (word << bits) | (((shift < 32 ? low : high) >>> (shift & 31)) & mask);
  }
  return hash4(placeSeed, dimension, word, K) % m;
}

/** Which K of the minhashes place a dimension: the same for all values. */
export function signaturePicks(
  dimension: number,
  K: number,
  minhashes = signatureShape.minhashes,
): readonly number[] {
  const picks: number[] = [];
  for (let t = minhashes - K; t < minhashes; t++) {
    const j = hash4(pickSeed, dimension, t, K) % (t + 1);
    picks.push(picks.includes(j) ? t : j);
  }
  return picks;
}
