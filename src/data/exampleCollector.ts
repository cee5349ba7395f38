import { Random } from '../random/random.ts';
import { Dictionary, ExampleStore } from './exampleStore.ts';
import { encodeDataset, type EncodedDataset, type EncodeInput } from './encodeDataset.ts';

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

type EncodeChoices = Pick<EncodeInput, 'name' | 'format' | 'task' | 'minCount' | 'splitBy' | 'keepNames'>;

/** Collects examples one by one, from a file or a generator, and encodes them. */
export class ExampleCollector {
  readonly #fieldNames: readonly string[];
  readonly #numericColumns: readonly string[];
  readonly #dictionaries: readonly Dictionary[];
  readonly #store: ExampleStore;
  readonly #reservoir: Reservoir;

  constructor(fieldNames: readonly string[], numericColumns: readonly string[], maxExamples: number) {
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
  encode(choices: EncodeChoices, relabel?: (label: number) => number): EncodedDataset {
    const store = this.#store;
    let slots = Uint32Array.from({ length: this.#reservoir.kept }, (_, slot) => slot);
    if (this.sampled) slots.sort((a, b) => store.line(a) - store.line(b));
    if (relabel) {
      slots = slots.filter((slot) => {
        const label = relabel(store.label(slot));
        store.setLabel(slot, label);
        return !Number.isNaN(label);
      });
    }
    return encodeDataset({
      ...choices,
      store,
      slots,
      fieldNames: this.#fieldNames,
      numericColumns: choices.task === 'rating' ? [] : this.#numericColumns,
      dictionaries: this.#dictionaries,
    });
  }
}
