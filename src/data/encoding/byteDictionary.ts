/** Values in one piece of memory, one after the other. */
export interface PackedValues {
  readonly bytes: Uint8Array<ArrayBuffer>; // UTF-8
  /** Where each value ends. */
  readonly ends: Float64Array<ArrayBuffer>;
}

/** Bytes of a value that its entry itself holds. */
const shortest = 8;
/** Words of an entry: code + 1, length, and the value in two words, or its hash and where it lies. */
const entryWords = 4;

/**
 * Values of one field, as bytes → codes 0, 1, 2 … in first-seen order. Open addressing with linear probing, at most three quarters
 * full: 21 to 43 bytes a value of up to 8 bytes; longer ones lie beside the table.
 */
export class ByteDictionary {
  #table = new Int32Array(64 * entryWords);
  #size = 0;
  #long = new Uint8Array(0);
  #used = 0;

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#table.byteLength + this.#long.length;
  }

  /** The code of bytes [start, end), which is new if they are. */
  code(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    let first = 0;
    let second = 0;
    let at = start;
    if (length === shortest) {
      first = wordAt(bytes, start);
      second = wordAt(bytes, start + 4);
    } else if (length < shortest) {
      const middle = length < 4 ? end : start + 4;
      for (; at < middle; at++) first = (first << 8) | bytes[at];
      for (; at < end; at++) second = (second << 8) | bytes[at];
    } else {
      first = hashBytes(bytes, start, end);
    }
    const table = this.#table;
    const last = table.length - entryWords;
    let entry = (mix(first, second, length) * entryWords) & last;
    while (table[entry] !== 0) {
      if (
        table[entry + 2] === first &&
        table[entry + 1] === length &&
        (length <= shortest
          ? table[entry + 3] === second
          : this.#isLong(table[entry + 3] >>> 0, bytes, start, length))
      ) {
        return table[entry] - 1;
      }
      entry = (entry + entryWords) & last;
    }
    table[entry] = ++this.#size;
    table[entry + 1] = length;
    table[entry + 2] = first;
    table[entry + 3] = length <= shortest ? second : this.#append(bytes, start, end);
    if (this.#size * entryWords * 4 > table.length * 3) this.#grow();
    return this.#size - 1;
  }

  /** The values of `codes`, in this order. */
  pack(codes: Uint32Array): PackedValues {
    const table = this.#table;
    const entryOf = new Uint32Array(this.#size);
    for (let entry = 0; entry < table.length; entry += entryWords) {
      if (table[entry] !== 0) entryOf[table[entry] - 1] = entry / entryWords;
    }
    const ends = new Float64Array(codes.length);
    let end = 0;
    for (let i = 0; i < codes.length; i++) ends[i] = end += table[entryOf[codes[i]] * entryWords + 1];
    const bytes = new Uint8Array(end);
    for (let i = 0; i < codes.length; i++) {
      const entry = entryOf[codes[i]] * entryWords;
      const length = table[entry + 1];
      const start = ends[i] - length;
      if (length > shortest) {
        const place = table[entry + 3] >>> 0;
        bytes.set(this.#long.subarray(place, place + length), start);
      } else {
        const inFirst = Math.min(length, 4);
        for (let k = 0; k < inFirst; k++) bytes[start + k] = table[entry + 2] >>> (8 * (inFirst - 1 - k));
        for (let k = 4; k < length; k++) bytes[start + k] = table[entry + 3] >>> (8 * (length - 1 - k));
      }
    }
    return { bytes, ends };
  }

  #isLong(place: number, bytes: Uint8Array, start: number, length: number): boolean {
    const long = this.#long;
    for (let i = 0; i < length; i++) if (long[place + i] !== bytes[start + i]) return false;
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const place = this.#used;
    this.#used += end - start;
    if (this.#used > this.#long.length) {
      const long = new Uint8Array(Math.max(1024, 2 * this.#long.length, this.#used));
      long.set(this.#long);
      this.#long = long;
    }
    for (let i = start; i < end; i++) this.#long[place + i - start] = bytes[i];
    return place;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Int32Array(2 * old.length);
    const last = table.length - entryWords;
    for (let from = 0; from < old.length; from += entryWords) {
      if (old[from] === 0) continue;
      const length = old[from + 1];
      const second = length <= shortest ? old[from + 3] : 0;
      let entry = (mix(old[from + 2], second, length) * entryWords) & last;
      while (table[entry] !== 0) entry = (entry + entryWords) & last;
      for (let word = 0; word < entryWords; word++) table[entry + word] = old[from + word];
    }
    this.#table = table;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Every bit of the words on every bit of the hash: the finaliser of MurmurHash3 (Appleby 2011) over two products. */
function mix(first: number, second: number, length: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ (Math.imul(second, 0x85ebca6b) + length);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x0fffffff;
}

/** FNV-1a (Fowler, Noll and Vo 1991). */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}
