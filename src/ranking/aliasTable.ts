const WORD = 2 ** -32;

/** Draws 0 … n − 1 in proportion to weights, in constant time: Walker 1977, built as by Vose 1991. */
export class AliasTable {
  readonly #threshold: Float64Array; // [n]
  readonly #alias: Uint32Array; // [n]

  /** `weights` are not negative, and not all 0. */
  constructor(weights: Float64Array) {
    const { length } = weights;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#threshold = weights.map((weight) => (weight * length) / total);
    this.#alias = new Uint32Array(length).fill(heaviest(weights)); // where rounding leaves one over that has no weight
    const small: number[] = [];
    const large: number[] = [];
    this.#threshold.forEach((share, i) => (share < 1 ? small : large).push(i));
    while (small.length > 0 && large.length > 0) {
      const [low, high] = [small.pop()!, large.at(-1)!];
      this.#alias[low] = high;
      this.#threshold[high] -= 1 - this.#threshold[low];
      if (this.#threshold[high] < 1) small.push(large.pop()!);
    }
    for (const i of [...small, ...large]) if (weights[i] > 0) this.#threshold[i] = 1;
  }

  /** `cell` and `side`: two random words. */
  draw(cell: number, side: number): number {
    const i = Math.floor(cell * WORD * this.#threshold.length);
    return side * WORD < this.#threshold[i] ? i : this.#alias[i];
  }
}

function heaviest(weights: Float64Array): number {
  return weights.reduce((best, weight, i) => (weight > weights[best] ? i : best), 0);
}
