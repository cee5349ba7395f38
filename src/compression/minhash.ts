import { hash4 } from '../random/mix.ts';
import { Random } from '../random/random.ts';

/** The part of a data set that says which values occur together. */
export interface Lookups {
  /** Rows of every field. [fields] */
  readonly cardinalities: readonly number[];
  readonly ids: Uint32Array; // [examples, fields]
  /** The examples that may be looked at: the training split. */
  readonly train: { readonly start: number; readonly count: number };
}

/** As in the paper's experiments. */
const maxSampledExamples = 125_000;

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

  constructor({ cardinalities, ids, train }: Lookups, seed: number) {
    const fields = cardinalities.length;
    const positions = sampleInOrder(train.count, maxSampledExamples, seed);
    this.#seed = seed;
    this.#fields = fields;
    this.#examples = positions.length;
    this.rows = cardinalities.reduce((sum, rows) => sum + rows, 0);
    this.#rowOf = new Uint32Array(positions.length * fields);
    this.#isSampled = new Uint8Array(this.rows);
    for (let f = 0, firstRow = 0; f < fields; firstRow += cardinalities[f++]) {
      for (let e = 0; e < positions.length; e++) {
        const row = firstRow + ids[(train.start + positions[e]) * fields + f];
        this.#rowOf[e * fields + f] = row;
        this.#isSampled[row] = 1;
      }
    }
  }

  /** h_index(D_v) of every value. u32[rows] */
  minhashes(index: number): Uint32Array {
    const rowOf = this.#rowOf;
    const fields = this.#fields;
    const least = new Uint32Array(this.rows).fill(0xffffffff);
    for (let e = 0, at = 0; e < this.#examples; e++) {
      const hash = hash4(this.#seed, index, 0, e);
      for (const end = at + fields; at < end; at++) {
        const row = rowOf[at];
        if (hash < least[row]) least[row] = hash;
      }
    }
    for (let row = 0; row < this.rows; row++) {
      if (this.#isSampled[row] === 0) least[row] = hash4(this.#seed, index, 0, this.#examples + row);
    }
    return least;
  }

  /**
   * The paper's own form, with K fresh minhashes for every dimension: the places in 0 … m−1 of one
   * dimension of every value. Two values share J^K + (1 − J^K)/m of their dimensions on average.
   * Storing them costs as much as full tables, so this is what signatures are measured against.
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
function sampleInOrder(count: number, wanted: number, seed: number): Uint32Array {
  const sampled = Math.min(count, wanted);
  const positions = new Uint32Array(sampled);
  const random = new Random(seed, 'minhash.examples');
  for (let position = 0, next = 0; next < sampled; position++) {
    if (random.below(count - position) < sampled - next) positions[next++] = position;
  }
  return positions;
}
