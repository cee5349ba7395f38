import { ownCopy, shortestSlice } from './ownCopy.ts';

/** Examples of a chunk: as a file is read, chunks are added and none is copied. */
const chunkShift = 12;
const chunkExamples = 1 << chunkShift;
const mask = chunkExamples - 1;

interface Chunk {
  readonly codes: Uint32Array; // [chunkExamples, fields]
  readonly numbers: Float32Array; // [chunkExamples, numericColumns]
  readonly labels: Float64Array; // [chunkExamples], as they were read: 0.1 must stay what it was compared with
  readonly lines: Float64Array; // [chunkExamples]
  readonly times: Float64Array; // [chunkExamples]
}

/** The examples kept while a file streams by, in slots; categories as dictionary codes. */
export class ExampleStore {
  readonly fields: number;
  readonly numericColumns: number;
  readonly #chunks: Chunk[] = [];

  constructor(fields: number, numericColumns: number) {
    this.fields = fields;
    this.numericColumns = numericColumns;
  }

  /** Fills slot `slot`, at most one past the last used; `line` is the 0-based data line. The caller writes the codes. */
  put(slot: number, line: number, time: number, label: number, numbers: Float32Array): void {
    const index = slot >>> chunkShift;
    if (index === this.#chunks.length) this.#chunks.push(this.#newChunk());
    const chunk = this.#chunks[index];
    const row = slot & mask;
    chunk.lines[row] = line;
    chunk.times[row] = time;
    chunk.labels[row] = label;
    chunk.numbers.set(numbers, row * this.numericColumns);
  }

  setCode(slot: number, field: number, code: number): void {
    this.#chunks[slot >>> chunkShift].codes[(slot & mask) * this.fields + field] = code;
  }

  code(slot: number, field: number): number {
    return this.#chunks[slot >>> chunkShift].codes[(slot & mask) * this.fields + field];
  }

  number(slot: number, column: number): number {
    return this.#chunks[slot >>> chunkShift].numbers[(slot & mask) * this.numericColumns + column];
  }

  label(slot: number): number {
    return this.#chunks[slot >>> chunkShift].labels[slot & mask];
  }

  setLabel(slot: number, label: number): void {
    this.#chunks[slot >>> chunkShift].labels[slot & mask] = label;
  }

  line(slot: number): number {
    return this.#chunks[slot >>> chunkShift].lines[slot & mask];
  }

  time(slot: number): number {
    return this.#chunks[slot >>> chunkShift].times[slot & mask];
  }

  #newChunk(): Chunk {
    return {
      codes: new Uint32Array(chunkExamples * this.fields),
      numbers: new Float32Array(chunkExamples * this.numericColumns),
      labels: new Float64Array(chunkExamples),
      lines: new Float64Array(chunkExamples),
      times: new Float64Array(chunkExamples),
    };
  }
}

/** Values of one field → codes 0, 1, 2 … in first-seen order. */
export class Dictionary {
  /** A Map holds at most 2^24 keys; the loader compares sizes with this after each piece of a file, hence the margin. */
  static readonly maxSize = 2 ** 24 - 2 ** 18;

  readonly #codes = new Map<string, number>();
  #textBytes = 0;

  get size(): number {
    return this.#codes.size;
  }

  /** Bytes of the JavaScript heap: the map and its texts. */
  get heapBytes(): number {
    return mapBytes(this.#codes.size) + this.#textBytes;
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
      this.#textBytes += textBytes(value);
    }
    return code;
  }
}

/** What ownCopy leaves in V8, measured to the byte on Node 20: a string, and from shortestSlice characters on a slice of one. */
function textBytes(value: string): number {
  // oxlint-disable-next-line no-control-regex -- what V8 stores in one byte a character
  const bytes = value.length * (/[^\0-\u00ff]/.test(value) ? 2 : 1);
  const padded = Math.ceil((bytes + (value.length < shortestSlice ? 0 : 1)) / 8) * 8;
  return padded + (value.length < shortestSlice ? 16 : 48);
}

/** A Map of V8: 28 bytes for each place, the places a power of two. */
function mapBytes(entries: number): number {
  return 28 * 2 ** Math.ceil(Math.log2(Math.max(4, entries)));
}
