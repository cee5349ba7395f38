import type { NumericColumn } from './dataset.ts';
import { Random } from '../random/random.ts';
import { Dictionary, ExampleStore } from './exampleStore.ts';
import { encodeDataset, type EncodedDataset, type EncodeInput } from './encodeDataset.ts';
import { stepExamples, type Steps } from './containers/pace.ts';
import { sortInSteps } from './sortInSteps.ts';

/**
 * Algorithm R (Vitter 1985, "Random sampling with a reservoir"): after any number of offers each
 * one so far holds a slot with the same probability.
 */
export class Reservoir {
  readonly #size: number;
  readonly #random: Random;
  #offered = 0;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#random = new Random(seed, 'reservoir');
  }

  get offered(): number {
    return this.#offered;
  }

  /** Slots in use. */
  get kept(): number {
    return Math.min(this.#offered, this.#size);
  }

  /** The slot that the next example takes, whoever held it; −1: it is not kept. */
  offer(): number {
    const slot = this.#offered < this.#size ? this.#offered : this.#random.below(this.#offered + 1);
    this.#offered++;
    return slot < this.#size ? slot : -1;
  }
}

/** Fixed, so that a long file gives the same sample every time. */
const reservoirSeed = 1;

export interface CollectedSize {
  readonly examples: number;
  /** Of the JavaScript heap, by the dictionaries. */
  readonly heapBytes: number;
  /** Different ones, over all fields. */
  readonly values: number;
  readonly columns: number;
}

type EncodeChoices = Pick<EncodeInput, 'name' | 'format' | 'task' | 'minCount' | 'splitBy' | 'keepNames'>;

/** Collects examples one by one, from a file or a generator, and encodes them. */
export class ExampleCollector {
  readonly #fieldNames: readonly string[];
  readonly #numericColumns: readonly NumericColumn[];
  readonly #dictionaries: readonly Dictionary[];
  readonly #store: ExampleStore;
  readonly #reservoir: Reservoir;

  constructor(fieldNames: readonly string[], numericColumns: readonly NumericColumn[], maxExamples: number) {
    this.#fieldNames = fieldNames;
    this.#numericColumns = numericColumns;
    this.#dictionaries = fieldNames.map(() => new Dictionary());
    this.#store = new ExampleStore(fieldNames.length, numericColumns.length);
    this.#reservoir = new Reservoir(maxExamples, reservoirSeed);
  }

  /** True: examples were left out by chance, because there were more than maxExamples. */
  get sampled(): boolean {
    return this.#reservoir.offered > this.#reservoir.kept;
  }

  /** What the examples and values so far take. */
  get size(): CollectedSize {
    return {
      examples: this.#reservoir.kept,
      heapBytes: this.#dictionaries.reduce((sum, { heapBytes }) => sum + heapBytes, 0),
      values: this.#dictionaries.reduce((sum, { size }) => sum + size, 0),
      columns: this.#fieldNames.length + this.#numericColumns.length,
    };
  }

  /** The field with the most different values. */
  get largest(): { readonly field: string; readonly values: number } {
    const sizes = this.#dictionaries.map((dictionary) => dictionary.size);
    const values = Math.max(0, ...sizes);
    return { field: this.#fieldNames[sizes.indexOf(values)], values };
  }

  /** Offers an example (`line`: 0-based data line); returns its slot, for setCategories, or −1 if it is not kept. */
  add(line: number, time: number, label: number, numbers: Float32Array): number {
    const slot = this.#reservoir.offer();
    if (slot >= 0) this.#store.put(slot, line, time, label, numbers);
    return slot;
  }

  setCategories(slot: number, values: readonly string[]): void {
    for (let field = 0; field < values.length; field++) {
      this.#store.setCode(slot, field, this.#dictionaries[field].code(values[field]));
    }
  }

  /** `relabel` maps labels to what the model learns; NaN leaves the example out. Throws DataError. */
  *encode(choices: EncodeChoices, relabel?: (label: number) => number): Steps<EncodedDataset> {
    return yield* encodeDataset({
      ...choices,
      store: this.#store,
      slots: yield* this.#keptSlots(relabel),
      fieldNames: this.#fieldNames,
      numericColumns: this.#numericColumns,
      dictionaries: this.#dictionaries,
    });
  }

  /** In the order of the file. */
  *#keptSlots(relabel: ((label: number) => number) | undefined): Steps<Uint32Array> {
    const store = this.#store;
    const { kept } = this.#reservoir;
    // Line and slot in one float64, exact below 2^53 (20 million of 450 million lines), so that a sort of numbers applies.
    const keys = new Float64Array(kept);
    for (let slot = 0; slot < kept; slot++) keys[slot] = this.sampled ? store.line(slot) * kept + slot : slot;
    yield;
    if (this.sampled) yield* sortInSteps(keys);
    const slots = new Uint32Array(kept);
    let count = 0;
    for (let i = 0; i < kept; i++) {
      if (i % stepExamples === 0) yield;
      const slot = keys[i] % kept;
      const label = relabel ? relabel(store.label(slot)) : store.label(slot);
      if (Number.isNaN(label)) continue;
      store.setLabel(slot, label);
      slots[count++] = slot;
    }
    return slots.subarray(0, count);
  }
}
