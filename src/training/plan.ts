import { LONG_SEGMENT } from '../program/op.ts';

const RADIX_BITS = 8;
const RADIX = 1 << RADIX_BITS;

/**
 * Makes the update plan of one batch after another (PlanData in program/op.ts): its lookups sorted
 * by (field, id, example). A stable least-significant-digit radix sort within each field, O(B·F),
 * into arrays that are allocated once and overwritten by the next `build`.
 */
export class PlanBuilder {
  /** Example·F + field of every lookup; the first count·F are used. */
  readonly occurrences: Uint32Array; // [B·F]
  /** Where segments begin, and the end of the last; the first segments + 1 are used. */
  readonly starts: Uint32Array; // [B·F + 1]
  /** Segments longer than LONG_SEGMENT; the first longSegments are used. */
  readonly long: Uint32Array; // [⌊B·F / LONG_SEGMENT⌋ + 1]
  segments = 0;
  longSegments = 0;

  readonly #fields: number;
  readonly #digits: readonly number[]; // [F] radix passes that a field's ids need
  readonly #histogram = new Uint32Array(RADIX);
  #order: Uint32Array; // [B] examples in the order so far
  #spare: Uint32Array; // [B]

  constructor(batch: number, cardinalities: readonly number[]) {
    const lookups = batch * cardinalities.length;
    this.occurrences = new Uint32Array(lookups);
    this.starts = new Uint32Array(lookups + 1);
    this.long = new Uint32Array(Math.floor(lookups / LONG_SEGMENT) + 1);
    this.#fields = cardinalities.length;
    this.#digits = cardinalities.map((rows) => Math.ceil((32 - Math.clz32(rows - 1)) / RADIX_BITS));
    this.#order = new Uint32Array(batch);
    this.#spare = new Uint32Array(batch);
  }

  /** `ids` [B, F], of which the first `count` examples are in the batch. */
  build(ids: Uint32Array, count: number): void {
    const { occurrences, starts, long } = this;
    const fields = this.#fields;
    let segments = 0;
    let longSegments = 0;
    let next = 0;
    let start = 0;
    const close = (): void => {
      if (next - start > LONG_SEGMENT) long[longSegments++] = segments - 1;
    };
    for (let field = 0; field < fields; field++) {
      this.#sort(ids, field, count);
      const order = this.#order;
      let previous = -1;
      for (let k = 0; k < count; k++) {
        const lookup = order[k] * fields + field;
        const id = ids[lookup];
        if (id !== previous) {
          close();
          start = next;
          starts[segments++] = next;
          previous = id;
        }
        occurrences[next++] = lookup;
      }
      close();
      start = next;
    }
    starts[segments] = next;
    this.segments = segments;
    this.longSegments = longSegments;
  }

  /** Leaves the examples 0 … count − 1 in `#order`, by (id of `field`, example). */
  #sort(ids: Uint32Array, field: number, count: number): void {
    const fields = this.#fields;
    const histogram = this.#histogram;
    for (let i = 0; i < count; i++) this.#order[i] = i;
    for (let digit = 0; digit < this.#digits[field]; digit++) {
      const shift = digit * RADIX_BITS;
      const from = this.#order;
      const to = this.#spare;
      histogram.fill(0);
      for (let i = 0; i < count; i++) histogram[(ids[i * fields + field] >>> shift) & (RADIX - 1)]++;
      let position = 0;
      for (let value = 0; value < RADIX; value++) {
        const size = histogram[value];
        histogram[value] = position;
        position += size;
      }
      for (let i = 0; i < count; i++) {
        const example = from[i];
        to[histogram[(ids[example * fields + field] >>> shift) & (RADIX - 1)]++] = example;
      }
      this.#order = to;
      this.#spare = from;
    }
  }
}
