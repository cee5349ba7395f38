/** V8 keeps strings shorter than this apart from the text that they were cut from. */
const shortestSlice = 13;

/** Values of one field → codes 0, 1, 2 … in first-seen order. */
export class Dictionary {
  /** A Map holds at most 2^24 keys. The loader looks at this between two pieces of a file. */
  static readonly maxSize = 2 ** 24 - 2 ** 18;

  readonly #codes = new Map<string, number>();

  get size(): number {
    return this.#codes.size;
  }

  /** In the order of their codes. */
  values(): IterableIterator<string> {
    return this.#codes.keys();
  }

  code(value: string): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(ownCopy(value), code);
    }
    return code;
  }
}

/**
 * A cell is a slice that would keep the piece of file around it in memory: make it a string of its
 * own. After 95 MB with 2,000 long values the heap holds 1.5 MB, without this 95 MB (Node 20).
 */
function ownCopy(value: string): string {
  return value.length < shortestSlice ? value : ` ${value}`.slice(1);
}
