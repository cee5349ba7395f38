import { ByteDictionary } from './byteDictionary.ts';

/** Cells that are remembered at once. */
const mostCells = 1 << 12;

/** What cells were read as that must be looked at as text. Forgets all when it is full. */
export class CellCache<Value> {
  readonly #read: (cell: string) => Value;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #cells = new ByteDictionary();
  #values: Value[] = [];

  constructor(read: (cell: string) => Value) {
    this.#read = read;
  }

  /** What `read` makes of bytes [start, end). */
  of(bytes: Uint8Array, start: number, end: number): Value {
    if (this.#values.length === mostCells) {
      this.#cells = new ByteDictionary();
      this.#values = [];
    }
    const code = this.#cells.code(bytes, start, end);
    if (code === this.#values.length) {
      this.#values.push(this.#read(this.#decoder.decode(bytes.subarray(start, end))));
    }
    return this.#values[code];
  }
}
