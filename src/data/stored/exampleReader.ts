import type { Dataset, DatasetInfo, Examples, StoredDataset } from '../dataset.ts';
import { type ExamplePages, PAGE_EXAMPLES } from './examplePages.ts';
import { unpackRows } from './rowLayout.ts';

/** A stored data set whose file this thread has open. */
export interface OpenDataset extends StoredDataset {
  readonly pages: ExamplePages;
  /** What was opened with it cannot be read any more then. */
  close(): void;
}

/** A data set of which this thread can read examples. */
export type ReadableDataset = Dataset | OpenDataset;

/** Reads examples of a data set, wherever they lie. `into`: their first places. Throws DataError where a file cannot be read. */
export interface ExampleReader {
  /** Examples `start` … `start` + `count` − 1. Fast for one range behind another. */
  read(start: number, count: number, into: Examples): void;
  /** From now on the examples of these pages can be gathered, and no others. Takes the memory of `pages.length` pages at most. */
  hold(pages: Uint32Array): void;
  /** Examples of the pages that are held, in any order. */
  gather(examples: Uint32Array, into: Examples): void;
  /** Any examples, each read by itself. */
  pick(examples: Uint32Array, into: Examples): void;
}

/** A reader of its own for everybody who holds pages. */
export function readerOf(dataset: ReadableDataset): ExampleReader {
  return 'pages' in dataset ? new StoredExamples(dataset.pages) : new MemoryExamples(dataset);
}

/** Arrays for `count` examples. */
export function allocateExamples(
  { fields, numericColumns }: Pick<DatasetInfo, 'fields' | 'numericColumns'>,
  count: number,
): Examples {
  return {
    ids: new Uint32Array(count * fields.length),
    numbers: new Float32Array(count * numericColumns.length),
    labels: new Float32Array(count),
  };
}

class MemoryExamples implements ExampleReader {
  readonly #examples: Examples;
  readonly #fields: number;
  readonly #columns: number;

  constructor(dataset: Dataset) {
    this.#examples = dataset;
    this.#fields = dataset.fields.length;
    this.#columns = dataset.numericColumns.length;
  }

  read(start: number, count: number, into: Examples): void {
    const { ids, numbers, labels } = this.#examples;
    const end = start + count;
    into.ids.set(ids.subarray(start * this.#fields, end * this.#fields));
    into.numbers.set(numbers.subarray(start * this.#columns, end * this.#columns));
    into.labels.set(labels.subarray(start, end));
  }

  hold(): void {}

  gather(examples: Uint32Array, into: Examples): void {
    const { ids, numbers, labels } = this.#examples;
    const fields = this.#fields;
    const columns = this.#columns;
    for (let i = 0; i < examples.length; i++) {
      const example = examples[i];
      for (let f = 0; f < fields; f++) into.ids[i * fields + f] = ids[example * fields + f];
      for (let c = 0; c < columns; c++) into.numbers[i * columns + c] = numbers[example * columns + c];
      into.labels[i] = labels[example];
    }
  }

  pick(examples: Uint32Array, into: Examples): void {
    this.gather(examples, into);
  }
}

class StoredExamples implements ExampleReader {
  readonly #pages: ExamplePages;
  /** The page that was read last. */
  #rows: Uint32Array | undefined;
  #page = -1;
  /** The pages held, side by side, and the place of each; −1: it is not held. */
  #held = new Uint32Array(0);
  readonly #places = new Map<number, number>();
  #positions = new Uint32Array(0);

  constructor(pages: ExamplePages) {
    this.#pages = pages;
  }

  read(start: number, count: number, into: Examples): void {
    const { layout } = this.#pages;
    this.#rows ??= new Uint32Array(PAGE_EXAMPLES * layout.rowWords);
    for (let done = 0; done < count;) {
      const page = Math.floor((start + done) / PAGE_EXAMPLES);
      if (page !== this.#page) {
        this.#page = -1;
        this.#pages.read(page, this.#rows);
        this.#page = page;
      }
      const first = start + done - page * PAGE_EXAMPLES;
      const length = Math.min(count - done, PAGE_EXAMPLES - first);
      unpackRows(layout, this.#rows, first, length, this.#from(into, done));
      done += length;
    }
  }

  hold(pages: Uint32Array): void {
    const { layout } = this.#pages;
    const pageWords = PAGE_EXAMPLES * layout.rowWords;
    if (this.#held.length < pages.length * pageWords) this.#held = new Uint32Array(pages.length * pageWords);
    this.#places.clear();
    pages.forEach((page, place) => {
      this.#pages.read(page, this.#held.subarray(place * pageWords, (place + 1) * pageWords));
      this.#places.set(page, place);
    });
  }

  gather(examples: Uint32Array, into: Examples): void {
    const count = examples.length;
    if (this.#positions.length < count) this.#positions = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const page = Math.floor(examples[i] / PAGE_EXAMPLES);
      const place = this.#places.get(page);
      if (place === undefined) throw new Error(`page ${page} must be held before its examples are gathered`);
      this.#positions[i] = place * PAGE_EXAMPLES + (examples[i] - page * PAGE_EXAMPLES);
    }
    unpackRows(this.#pages.layout, this.#held, this.#positions, count, into);
  }

  pick(examples: Uint32Array, into: Examples): void {
    const { layout } = this.#pages;
    const row = new Uint32Array(layout.rowWords);
    examples.forEach((example, i) => {
      this.#pages.readRow(example, row);
      unpackRows(layout, row, 0, 1, this.#from(into, i));
    });
  }

  /** The arrays from an example on. */
  #from({ ids, numbers, labels }: Examples, first: number): Examples {
    const { fields, numericColumns } = this.#pages.layout;
    return {
      ids: ids.subarray(first * fields),
      numbers: numbers.subarray(first * numericColumns),
      labels: labels.subarray(first),
    };
  }
}
