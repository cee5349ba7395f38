export interface Candidate {
  readonly total: number;
  readonly dims: Float64Array; // [blocks]
}

/** Dims that grow step by step with one number, the base. */
export interface SteppedRule {
  readonly rows: Float64Array; // [blocks]
  dims(base: number): Float64Array;
  dimAfter(dim: number): number;
  /** The base at which a block with `dim` goes over to the next; Infinity: never. */
  baseAfter(dim: number, block: number): number;
}

/**
 * The largest total in (above, budget] over all D from low to high, the last of equals; null if
 * there is none. Rounded totals change only where some D·ratio crosses a half: visits those in
 * order, O(log blocks) each.
 */
export function sweepTotals(
  rule: SteppedRule,
  [low, high]: readonly [number, number],
  above: number,
  budget: number,
): Candidate | null {
  const stored = new RunningTotal(rule.rows, rule.dims(low));
  const queue = new MinQueue(stored.dims.map((dim, block) => rule.baseAfter(dim, block)));
  let best: number | null = null;
  let changes: { readonly block: number; readonly dim: number }[] = []; // since `best`, to be undone
  for (;;) {
    const { total } = stored;
    if (total <= budget && (best === null ? total > above : total >= best)) {
      best = total;
      changes = [];
    }
    const base = queue.least;
    if (base > high || base === Infinity) break;
    while (queue.least === base) {
      const block = queue.first;
      const dim = stored.dims[block];
      const next = rule.dimAfter(dim);
      changes.push({ block, dim });
      stored.raise(block, next);
      queue.raiseFirst(rule.baseAfter(next, block));
    }
  }
  if (best === null) return null;
  for (const { block, dim } of changes.toReversed()) stored.dims[block] = dim;
  return { total: best, dims: stored.dims };
}

/** Σ rows·dim and the projections of dims below the largest, D·(Σ dim − D·blocks at D), kept up to date. */
class RunningTotal {
  readonly dims: Float64Array; // [blocks]
  readonly #rows: Float64Array;
  #tables = 0;
  #sumOfDims = 0;
  #largest = 0;
  #blocksAtLargest = 0;

  constructor(rows: Float64Array, dims: Float64Array) {
    this.#rows = rows;
    this.dims = new Float64Array(dims.length);
    for (let block = 0; block < dims.length; block++) this.raise(block, dims[block]);
  }

  get total(): number {
    return this.#tables + this.#largest * (this.#sumOfDims - this.#largest * this.#blocksAtLargest);
  }

  raise(block: number, dim: number): void {
    const increase = dim - this.dims[block];
    this.dims[block] = dim;
    this.#tables += this.#rows[block] * increase;
    this.#sumOfDims += increase;
    if (dim > this.#largest) {
      this.#largest = dim;
      this.#blocksAtLargest = 1;
    } else if (dim === this.#largest) this.#blocksAtLargest++;
  }
}

/** A binary heap over 0 … keys.length − 1, the index of the least key first. Keys can only grow. */
class MinQueue {
  readonly #keys: Float64Array;
  readonly #heap: Uint32Array;

  /** Keeps `keys` and changes them. */
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
