/** Bytes that come piece by piece: they can be looked at before they are read, and are read once. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #unread: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** The next `count` bytes without taking them; fewer where the stream ends before. */
  async peek(count: number): Promise<Uint8Array> {
    const pieces = [this.#unread];
    let length = this.#unread.length;
    while (length < count && !this.#ended) {
      const piece = await this.#pull();
      if (piece === null) break;
      pieces.push(piece);
      length += piece.length;
    }
    if (pieces.length > 1) this.#unread = concat(pieces, length);
    return this.#unread.subarray(0, count);
  }

  /** Takes `count` bytes; fewer where the stream ends before. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#unread = this.#unread.subarray(bytes.length);
    return bytes;
  }

  /** The next piece, of at most `most` bytes and never empty; null at the end. */
  async next(most = Infinity): Promise<Uint8Array | null> {
    if (this.#unread.length === 0) this.#unread = (await this.#pull()) ?? this.#unread;
    if (this.#unread.length === 0) return null;
    const piece = this.#unread.subarray(0, most);
    this.#unread = this.#unread.subarray(piece.length);
    return piece;
  }

  /** Gives back the end of what was taken last. */
  putBack(bytes: Uint8Array): void {
    this.#unread =
      this.#unread.length === 0 ? bytes : concat([bytes, this.#unread], bytes.length + this.#unread.length);
  }

  /** Passes over `count` bytes and says how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      const piece = await this.next(count - skipped);
      if (piece === null) break;
      skipped += piece.length;
    }
    return skipped;
  }

  /** Frees what the bytes come from. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#unread = new Uint8Array(0);
    await this.#pieces.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (true) {
      const piece = await this.next();
      if (piece === null) return;
      yield piece;
    }
  }

  /** Never empty; null at the end. */
  async #pull(): Promise<Uint8Array | null> {
    while (!this.#ended) {
      const { done, value } = await this.#pieces.next();
      if (done) this.#ended = true;
      else if (value.length > 0) return value;
    }
    return null;
  }
}

export function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
