import type { EmbeddingLayout } from '../../program/lookup.ts';
import type { OpKind, OpOf } from '../../program/op.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import type { Dispatch } from './kernel.ts';
import type { Tuning } from './tuning.ts';

/** Turns an op into dispatches. Pure but for what it adds to the builder. */
export type OpLowering<K extends OpKind> = (op: OpOf<K>, builder: DispatchBuilder) => readonly Dispatch[];

/** Offsets of a layout's descriptors in the constants, in words. */
export interface LayoutOffsets {
  readonly lookupsAt: number;
  readonly blocksAt: number;
  /** u32[width]: the lookup of a gathered column. */
  readonly columnsAt: number;
}

/**
 * Collects what the dispatches of a program share: the constants (all descriptors in
 * one buffer, which saves bindings) and the size of the scratch.
 */
export class DispatchBuilder {
  readonly tuning: Tuning;
  readonly #words: number[] = [];
  readonly #tensors = new Map<Tensor, number>();
  readonly #layouts = new Map<EmbeddingLayout, LayoutOffsets>();
  #scratchElements = 1;

  constructor(tuning: Tuning) {
    this.tuning = tuning;
  }

  get constants(): Uint32Array {
    return new Uint32Array(this.#words);
  }

  get scratchElements(): number {
    return this.#scratchElements;
  }

  reserveScratch(elements: number): void {
    this.#scratchElements = Math.max(this.#scratchElements, elements);
  }

  /** Where a constant tensor lies in the constants. */
  placeTensor(tensor: Tensor): number {
    let at = this.#tensors.get(tensor);
    if (at === undefined) {
      const { initial } = tensor;
      const values = initial.kind === 'values' ? initial.values : new Uint32Array(elementCount(tensor));
      at = this.placeWords(new Uint32Array(values.buffer, values.byteOffset, values.length));
      this.#tensors.set(tensor, at);
    }
    return at;
  }

  placeLayout(layout: EmbeddingLayout): LayoutOffsets {
    let offsets = this.#layouts.get(layout);
    if (!offsets) {
      const columns = layout.lookups.flatMap(({ slotWidth }, lookup) =>
        Array<number>(slotWidth).fill(lookup),
      );
      offsets = {
        lookupsAt: this.placeTensor(layout.lookupTable),
        blocksAt: this.placeTensor(layout.blockTable),
        columnsAt: this.placeWords(columns),
      };
      this.#layouts.set(layout, offsets);
    }
    return offsets;
  }

  /** Workgroups of one thread an item. */
  groupsFor(items: number): number {
    return Math.ceil(items / this.tuning.threads);
  }

  /** Appends words to the constants; returns where. */
  placeWords(words: ArrayLike<number>): number {
    const at = this.#words.length;
    for (let i = 0; i < words.length; i++) this.#words.push(words[i]);
    return at;
  }
}

/** How many parts a sum over `depth` is cut in, so that `threads` threads of work become enough. */
export function partsFor(tuning: Tuning, threads: number, depth: number, partElements: number): number {
  const wanted = Math.ceil(tuning.busyThreads / threads);
  const atLeast32 = Math.floor(depth / 32);
  const thatFit = Math.floor(tuning.scratchElements / partElements);
  return Math.max(1, Math.min(wanted, atLeast32, thatFit));
}
