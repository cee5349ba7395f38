import type { Range } from '../../data/dataset.ts';
import { PAGE_EXAMPLES, pagesOf } from '../../data/stored/examplePages.ts';
import { Random } from '../../random/random.ts';

/** Pages of a window of training examples: 2^18 examples, which are in memory at once. */
const WINDOW_PAGES = 64;

/**
 * How training examples are cut into windows. One window has all of them, in any order of examples; of more, each has the same number of
 * whole pages, drawn from all of the split, and the last one has what is left.
 */
export interface Windows {
  readonly pages: number;
  readonly windows: number;
  /** Of every window but the last, which may have fewer. */
  readonly windowBatches: number;
  readonly batches: number;
}

/** `start`: a whole number of pages where there is more than one window. */
export function layOutWindows({ start, count }: Range, batch: number, pages = WINDOW_PAGES): Windows {
  const windowExamples = pages * PAGE_EXAMPLES;
  const windows = Math.max(1, Math.ceil(count / windowExamples));
  if (windows > 1 && start % PAGE_EXAMPLES !== 0) throw new Error('windows must begin with a page');
  const windowBatches = Math.ceil(Math.min(count, windowExamples) / batch);
  const last = Math.ceil((count - (windows - 1) * windowExamples) / batch);
  return { pages, windows, windowBatches, batches: (windows - 1) * windowBatches + last };
}

/**
 * Which training examples make up which batch. A seeded permutation of the pages fills the windows, and one of the examples of a window
 * deals these to its batches, once: epochs change the order of the batches, not what is in them, so that the data and the row index of a
 * batch are made and uploaded once. A batch has fewer examples only where it is the last of its window. All of it depends on the number of
 * examples and the seed alone, and takes memory for the examples of one window and a word a page.
 */
export class DealtBatches {
  readonly #range: Range;
  readonly #batch: number;
  readonly #seed: number;
  readonly #windows: Windows;
  readonly #pages: Uint32Array;
  #window = -1;
  #examples: Uint32Array = new Uint32Array(0);

  constructor(range: Range, batch: number, seed: number, windows: Windows) {
    this.#range = range;
    this.#batch = batch;
    this.#seed = seed;
    this.#windows = windows;
    const { start, count } = range;
    const first = Math.floor(start / PAGE_EXAMPLES);
    this.#pages = Uint32Array.from({ length: pagesOf(start + count) - first }, (_, i) => first + i);
    // The last page, which may not be whole, stays in the last window.
    if (windows.windows > 1) new Random(seed, 'pages').shuffle(this.#pages.subarray(0, -1));
  }

  windowOf(batch: number): number {
    return Math.floor(batch / this.#windows.windowBatches);
  }

  /** The pages of a window. */
  pagesOf(window: number): Uint32Array {
    const { pages, windows } = this.#windows;
    return windows === 1 ? this.#pages : this.#pages.subarray(window * pages, (window + 1) * pages);
  }

  /** The examples of a batch, as indices into the data set. A full permutation of its window is made if it is another one than before. */
  examplesOf(batch: number): Uint32Array {
    const window = this.windowOf(batch);
    if (window !== this.#window) this.#deal(window);
    const first = (batch - window * this.#windows.windowBatches) * this.#batch;
    return this.#examples.subarray(first, first + this.#batch);
  }

  #deal(window: number): void {
    const { start, count } = this.#range;
    const pages = this.pagesOf(window);
    const examples = new Uint32Array(Math.min(count, pages.length * PAGE_EXAMPLES));
    let length = 0;
    for (const page of pages) {
      const from = Math.max(start, page * PAGE_EXAMPLES);
      const end = Math.min(start + count, (page + 1) * PAGE_EXAMPLES);
      for (let example = from; example < end; example++) examples[length++] = example;
    }
    // The high word of the counter numbers the window: every window's draws are its own.
    const random = new Random(this.#seed, 'batches').at(window * 2 ** 32);
    this.#examples = random.shuffle(examples.subarray(0, length));
    this.#window = window;
  }
}

/** Draws of a window's order within those of its epoch: blocks of four words for at most 2^18 batches. */
const WINDOW_DRAWS = 2 ** 16;

/**
 * The order in which an epoch visits the batches: windows in a seeded order, and in each its batches in a seeded order, other ones every
 * epoch. Takes memory for the batches of one window.
 */
export class EpochOrder {
  readonly batches: number;
  readonly #windows: Windows;
  readonly #seed: number;
  #epoch = -1;
  #visited: Uint32Array = new Uint32Array(0);
  #window = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(windows: Windows, seed: number) {
    this.batches = windows.batches;
    this.#windows = windows;
    this.#seed = seed;
  }

  /** The batch at a position, from 0, of an epoch, from 0. */
  batchAt(epoch: number, position: number): number {
    const { windowBatches } = this.#windows;
    if (epoch !== this.#epoch) this.#begin(epoch);
    let left = position;
    for (const window of this.#visited) {
      const batches = Math.min(windowBatches, this.batches - window * windowBatches);
      if (left < batches) return window * windowBatches + this.#orderOf(window, batches)[left];
      left -= batches;
    }
    throw new RangeError(`an epoch has ${this.batches} batches, and no position ${position}`);
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#window = -1;
    const windows = range(this.#windows.windows);
    // The high word of the counter numbers the epoch.
    this.#visited = new Random(this.#seed, 'windows').at(epoch * 2 ** 32).shuffle(windows);
  }

  #orderOf(window: number, batches: number): Uint32Array {
    if (window === this.#window) return this.#order;
    const counter = this.#epoch * 2 ** 32 + window * WINDOW_DRAWS;
    this.#order = new Random(this.#seed, 'order').at(counter).shuffle(range(batches));
    this.#window = window;
    return this.#order;
  }
}

function range(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}
