/** A binary heap over 0 … keys.length − 1, the index of the least key first. Keys can only grow. */
export class MinQueue {
  readonly #keys: Float64Array;
  readonly #heap: Uint32Array;

  /** Takes the keys over. */
  constructor(keys: Float64Array) {
    this.#keys = keys;
    this.#heap = Uint32Array.from(keys, (_, i) => i);
    for (let at = keys.length >> 1; at >= 0; at--) this.#sink(at);
  }

  get first(): number {
    return this.#heap[0];
  }

  get least(): number {
    return this.#keys[this.#heap[0]];
  }

  /** Gives the first index a larger key. O(log n). */
  raiseFirst(key: number): void {
    this.#keys[this.#heap[0]] = key;
    this.#sink(0);
  }

  #sink(at: number): void {
    const heap = this.#heap;
    const keys = this.#keys;
    const moving = heap[at];
    const key = keys[moving];
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && keys[heap[child + 1]] < keys[heap[child]]) child++;
      if (keys[heap[child]] >= key) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moving;
  }
}
