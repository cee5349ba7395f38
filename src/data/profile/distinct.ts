/** Registers of 2^precision maxima: a standard error of 1.04 / √4096 = 1.6 %. */
const precision = 12;

/** How many different values there were, from their hashes (Flajolet et al. 2007, “HyperLogLog”). */
export class DistinctEstimate {
  readonly #registers = new Uint8Array(1 << precision);

  add(value: string): void {
    const hash = hashText(value);
    const register = hash >>> (32 - precision);
    const rank = Math.clz32((hash << precision) | (1 << (precision - 1))) + 1;
    if (rank > this.#registers[register]) this.#registers[register] = rank;
  }

  get count(): number {
    const size = this.#registers.length;
    let sum = 0;
    let empty = 0;
    for (const rank of this.#registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const estimate = ((0.7213 / (1 + 1.079 / size)) * size * size) / sum;
    // Few values: linear counting, as in the paper.
    return Math.round(estimate <= 2.5 * size && empty > 0 ? size * Math.log(size / empty) : estimate);
  }
}

/** FNV-1a over UTF-16 units, finished by the mixer of MurmurHash3. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
