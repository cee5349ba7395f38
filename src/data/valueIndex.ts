import type { ValueNames } from './dataset.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Finds the id of a value among the packed names of a field, without a string or an object for each: open addressing over the UTF-8
 * bytes, 4 bytes a place, at most half of the places taken. The hash is FNV-1a (Fowler, Noll and Vo 1991), 32 bits.
 */
export class ValueIndex {
  readonly #names: ValueNames;
  readonly #rareId: number;
  /** id + 1; 0: free. */
  readonly #places: Uint32Array;
  readonly #encoder = new TextEncoder();
  #value = new Uint8Array(64);

  /** `rareId`: the id of all values that have no id of their own. */
  constructor(names: ValueNames, rareId: number) {
    const { bytes, ends } = names;
    this.#names = names;
    this.#rareId = rareId;
    this.#places = new Uint32Array(2 ** Math.ceil(Math.log2(2 * ends.length + 1)));
    const mask = this.#places.length - 1;
    for (let id = 0, start = 0; id < ends.length; start = ends[id++]) {
      if (id === rareId) continue;
      let place = hashOf(bytes, start, ends[id]) & mask;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = id + 1;
    }
  }

  find(value: string): number {
    // UTF-8 takes at most three bytes for a unit of UTF-16.
    if (3 * value.length > this.#value.length) this.#value = new Uint8Array(6 * value.length);
    const { written } = this.#encoder.encodeInto(value, this.#value);
    const mask = this.#places.length - 1;
    let place = hashOf(this.#value, 0, written) & mask;
    for (; this.#places[place] !== 0; place = (place + 1) & mask) {
      const id = this.#places[place] - 1;
      if (this.#isNamed(id, written)) return id;
    }
    return this.#rareId;
  }

  /** Whether the first `length` bytes of the value are the name of an id. */
  #isNamed(id: number, length: number): boolean {
    const { bytes, ends } = this.#names;
    const start = id === 0 ? 0 : ends[id - 1];
    if (ends[id] - start !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== this.#value[i]) return false;
    return true;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], FNV_PRIME);
  return (hash ^ (hash >>> 15)) >>> 0;
}
