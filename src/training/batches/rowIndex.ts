import { areOwnRows, locateAll, type Lookup, rowsOf } from '../../program/lookup.ts';
import { LONG_SEGMENT } from '../../program/operand.ts';

const RADIX_BITS = 8;
const RADIX = 1 << RADIX_BITS;

/** Consecutive lookups that read the same rows, so that their gradients are added up. */
interface Space {
  readonly firstLookup: number;
  readonly lookups: number;
  /** Radix passes that sort its rows. */
  readonly digits: number;
}

/**
 * Builds the row index of one batch after another (RowIndex in program/operand.ts): the lookups of the batch, sorted by
 * (space, row, example, lookup). Each space is sorted by a stable least-significant-digit radix sort, O(B·S). The arrays are
 * allocated once, and the next `build` overwrites them.
 */
export class RowIndexBuilder {
  /** example·S + lookup, for every lookup; the first count·S are used. */
  readonly occurrences: Uint32Array; // [B·S]
  /** Where every segment, which is all lookups of one row, begins, and the end of the last; the first segments + 1 are used. */
  readonly starts: Uint32Array; // [B·S + 1]
  /** The numbers of segments longer than LONG_SEGMENT; the first longSegments are used. */
  readonly long: Uint32Array; // [⌊B·S / LONG_SEGMENT⌋ + 1]
  segments = 0;
  longSegments = 0;

  readonly #lookups: readonly Lookup[];
  readonly #signatures: Uint32Array | undefined;
  readonly #fields: number;
  readonly #spaces: readonly Space[];
  readonly #located: Uint32Array | undefined; // [B, S]; undefined: rows are ids
  readonly #histogram = new Uint32Array(RADIX);
  #order: Uint32Array; // occurrences of a space, as far as they are sorted
  #spare: Uint32Array;

  /** `signatures`: needed if any lookup reads them. */
  constructor(
    batch: number,
    cardinalities: readonly number[],
    lookups: readonly Lookup[],
    signatures?: Uint32Array,
  ) {
    const total = batch * lookups.length;
    this.occurrences = new Uint32Array(total);
    this.starts = new Uint32Array(total + 1);
    this.long = new Uint32Array(Math.floor(total / LONG_SEGMENT) + 1);
    this.#lookups = lookups;
    this.#signatures = signatures;
    this.#fields = cardinalities.length;
    this.#spaces = spacesOf(lookups);
    this.#located = areOwnRows(lookups, cardinalities) ? undefined : new Uint32Array(total);
    const largest = batch * Math.max(0, ...this.#spaces.map((space) => space.lookups));
    this.#order = new Uint32Array(largest);
    this.#spare = new Uint32Array(largest);
  }

  /** `ids` [B, F], of which the first `count` examples are in the batch. */
  build(ids: Uint32Array, count: number): void {
    const rows = this.#located ?? ids;
    if (this.#located) locateAll(this.#lookups, ids, this.#fields, count, this.#located, this.#signatures);
    const { occurrences, starts, long } = this;
    let segments = 0;
    let longSegments = 0;
    let next = 0;
    let start = 0;
    const close = (): void => {
      if (next - start > LONG_SEGMENT) long[longSegments++] = segments - 1;
    };
    for (const space of this.#spaces) {
      this.#sort(rows, space, count);
      const order = this.#order;
      const end = count * space.lookups;
      let previous = -1;
      for (let k = 0; k < end; k++) {
        const occurrence = order[k];
        const row = rows[occurrence];
        if (row !== previous) {
          close();
          start = next;
          starts[segments++] = next;
          previous = row;
        }
        occurrences[next++] = occurrence;
      }
      close();
      start = next;
    }
    starts[segments] = next;
    this.segments = segments;
    this.longSegments = longSegments;
  }

  /** Sorts the occurrences of a space into `#order`, by (row, example, lookup). */
  #sort(rows: Uint32Array, { firstLookup, lookups, digits }: Space, count: number): void {
    const width = this.#lookups.length;
    const histogram = this.#histogram;
    let listed = 0;
    for (let b = 0; b < count; b++) {
      const first = b * width + firstLookup;
      for (let s = 0; s < lookups; s++) this.#order[listed++] = first + s;
    }
    for (let digit = 0; digit < digits; digit++) {
      const shift = digit * RADIX_BITS;
      const from = this.#order;
      const to = this.#spare;
      histogram.fill(0);
      for (let i = 0; i < listed; i++) histogram[(rows[from[i]] >>> shift) & (RADIX - 1)]++;
      let position = 0;
      for (let value = 0; value < RADIX; value++) {
        const size = histogram[value];
        histogram[value] = position;
        position += size;
      }
      for (let i = 0; i < listed; i++) {
        const occurrence = from[i];
        to[histogram[(rows[occurrence] >>> shift) & (RADIX - 1)]++] = occurrence;
      }
      this.#order = to;
      this.#spare = from;
    }
  }
}

function spacesOf(lookups: readonly Lookup[]): readonly Space[] {
  const spaces: Space[] = [];
  let firstLookup = 0;
  while (firstLookup < lookups.length) {
    const { space, address } = lookups[firstLookup];
    let end = firstLookup + 1;
    while (end < lookups.length && lookups[end].space === space) end++;
    const digits = Math.ceil((32 - Math.clz32(rowsOf(address) - 1)) / RADIX_BITS);
    spaces.push({ firstLookup, lookups: end - firstLookup, digits });
    firstLookup = end;
  }
  return spaces;
}
