import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';
import { hash4 } from '../random/hash.ts';
import { Random } from '../random/random.ts';

/** The part of a data set that says which values occur together. */
export interface Lookups {
  /** Rows of every field. [fields] */
  readonly cardinalities: readonly number[];
  /** The ids of some examples, in rising order. [examples, fields] */
  readonly idsOf: (examples: Uint32Array) => Uint32Array;
  /** The examples that may be looked at: the training split. */
  readonly train: { readonly start: number; readonly count: number };
}

/** As in the paper's experiments. */
const maxSampledExamples = 125_000;

/** Lookups or rows between two rests: a few milliseconds. */
const PIECE_LOOKUPS = 2 ** 18;

/**
 * Minhashes of the sets D_v of sampled training examples in which value v occurs (Broder 1997; for
 * embeddings: Desai et al. 2021, arXiv 2103.06124): h_i(D_v) = min over the examples e of D_v of
 * hash4(seed, i, 0, e), so P(h_i(D_v) = h_i(D_w)) = |D_v ∩ D_w| / |D_v ∪ D_w|, their Jaccard similarity.
 *
 * A value that was never sampled gets an example of its own, and so is similar to none. Two values of
 * one field never occur in the same example: it is values of different fields that are similar.
 * For one i, hash4 is a bijection of e: different examples never tie.
 */
export class Minhasher {
  readonly rows: number;
  readonly #seed: number;
  readonly #examples: number;
  readonly #fields: number;
  readonly #rowOf: Uint32Array; // [sampled examples, fields], rows numbered over all fields
  readonly #isSampled: Uint8Array; // [rows]

  private constructor({ cardinalities }: Lookups, seed: number, examples: number) {
    this.#seed = seed;
    this.#fields = cardinalities.length;
    this.#examples = examples;
    this.rows = cardinalities.reduce((sum, rows) => sum + rows, 0);
    this.#rowOf = new Uint32Array(examples * cardinalities.length);
    this.#isSampled = new Uint8Array(this.rows);
  }

  static *of(lookups: Lookups, seed: number): Pieces<Minhasher> {
    const { cardinalities, idsOf, train } = lookups;
    const fields = cardinalities.length;
    const positions = yield* sampleInOrder(train.count, maxSampledExamples, seed);
    const hasher = new Minhasher(lookups, seed, positions.length);
    const ids = idsOf(positions.map((position) => train.start + position));
    for (let f = 0, firstRow = 0; f < fields; firstRow += cardinalities[f++]) {
      yield;
      for (let e = 0; e < positions.length; e++) {
        const row = firstRow + ids[e * fields + f];
        hasher.#rowOf[e * fields + f] = row;
        hasher.#isSampled[row] = 1;
      }
    }
    return hasher;
  }

  /** h_index(D_v) of every value. u32[rows] */
  minhashes(index: number): Uint32Array {
    return finish(this.hashing(index));
  }

  *hashing(index: number): Pieces<Uint32Array> {
    const least = new Uint32Array(this.rows).fill(0xffffffff);
    for (const { from, end } of rangesOf(this.#examples, Math.ceil(PIECE_LOOKUPS / this.#fields))) {
      this.#hashExamples(index, from, end, least);
      yield;
    }
    for (const { from, end } of rangesOf(this.rows, PIECE_LOOKUPS)) {
      for (let row = from; row < end; row++)
        if (this.#isSampled[row] === 0) least[row] = hash4(this.#seed, index, 0, this.#examples + row);
      yield;
    }
    return least;
  }

  #hashExamples(index: number, from: number, end: number, least: Uint32Array): void {
    const rowOf = this.#rowOf;
    const fields = this.#fields;
    for (let e = from, at = from * fields; e < end; e++) {
      const hash = hash4(this.#seed, index, 0, e);
      for (const last = at + fields; at < last; at++) {
        const row = rowOf[at];
        if (hash < least[row]) least[row] = hash;
      }
    }
  }

  /**
   * The paper's own form, with K fresh minhashes for every dimension: the places in 0 … m−1 of one
   * dimension of every value. Two values share J^K + (1 − J^K)/m of their dimensions on average.
   * Storing them costs as much as full tables: they are the reference that signatures are tested against.
   */
  locations(dimension: number, K: number, m: number): Uint32Array {
    const places = new Uint32Array(this.rows).fill(this.#seed);
    for (let k = 0; k < K; k++) {
      const hashes = this.minhashes(firstFreshIndex + dimension * K + k);
      for (let row = 0; row < this.rows; row++) {
        places[row] = hash4(places[row], dimension, k, hashes[row]);
      }
    }
    return places.map((place) => place % m);
  }
}

/** Indices below belong to the signatures. */
const firstFreshIndex = 64;

/** `wanted` of the positions 0 … count−1, or all, ascending; every choice equally likely. Knuth 1969, algorithm 3.4.2 S. */
function* sampleInOrder(count: number, wanted: number, seed: number): Pieces<Uint32Array> {
  const sampled = Math.min(count, wanted);
  const positions = new Uint32Array(sampled);
  const random = new Random(seed, 'minhash.examples');
  for (let position = 0, next = 0; next < sampled; position++) {
    if (random.below(count - position) < sampled - next) positions[next++] = position;
    if (position % PIECE_LOOKUPS === 0) yield;
  }
  return positions;
}

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
/** Seed of the hash from the picked minhashes to a place. */
export const placeSeed = 0x706c6163;

export interface Signatures {
  readonly words: Uint32Array; // [rows over all fields, 2]: low, high
  /** What a deployed model keeps of them, in words; the paper counts none. */
  readonly storedParameters: number;
}

/** The signature of every value of every field. */
export function signValues(lookups: Lookups, seed: number, shape = signatureShape): Signatures {
  return finish(signing(lookups, seed, shape));
}

/** signValues, in pieces. */
export function* signing(lookups: Lookups, seed: number, shape = signatureShape): Pieces<Signatures> {
  const { minhashes, bits } = shape;
  const hasher = yield* Minhasher.of(lookups, seed);
  const words = new Uint32Array(2 * hasher.rows);
  const mask = 2 ** bits - 1;
  for (let j = 0; j < minhashes; j++) {
    const hashes = yield* hasher.hashing(j);
    const word = (j * bits) >>> 5;
    const shift = (j * bits) & 31;
    for (const { from, end } of rangesOf(hasher.rows, PIECE_LOOKUPS)) {
      for (let row = from; row < end; row++) words[2 * row + word] |= (hashes[row] & mask) << shift;
      yield;
    }
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
