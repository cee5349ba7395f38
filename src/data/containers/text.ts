import { type ByteStream, concat } from './byteStream.ts';
import { DataError } from './errors.ts';

/** Bytes by which UTF-16 without a mark is told from other text. */
const guessedBytes = 4096;

const chooseEncoding = 'choose its encoding (--encoding windows-1252, shift_jis, …), or save it as UTF-8';

/** Text that comes piece by piece: it can be looked at before it is read, and is read once. */
export class TextStream {
  readonly #pieces: AsyncIterator<string>;
  #unread = '';
  #ended = false;

  constructor(pieces: AsyncIterator<string>) {
    this.#pieces = pieces;
  }

  /** The next `count` characters or more, without taking them; fewer where the text ends before. */
  async peek(count: number): Promise<string> {
    while (this.#unread.length < count && (await this.#pull()));
    return this.#unread;
  }

  /** The next piece, never empty; null at the end. */
  async next(): Promise<string | null> {
    if (this.#unread === '' && !(await this.#pull())) return null;
    const piece = this.#unread;
    this.#unread = '';
    return piece;
  }

  async #pull(): Promise<boolean> {
    while (!this.#ended) {
      const { done, value } = await this.#pieces.next();
      if (done) this.#ended = true;
      else if (value !== '') {
        this.#unread += value;
        return true;
      }
    }
    return false;
  }
}

/** Bytes as text. The encoding is the one that was asked for, or is found: `encoding` says which, as far as it is known. */
export class TextDecoding {
  encoding: string;
  readonly text: TextStream;
  readonly #bytes: ByteStream;
  readonly #file: string;
  #lines = 1;

  /** `asked`: a label that TextDecoder knows, or null. Throws DataError for one it does not know. */
  static async open(bytes: ByteStream, asked: string | null, file: string): Promise<TextDecoding> {
    return new TextDecoding(bytes, asked === null ? await guess(bytes) : checkLabel(asked, file), file);
  }

  /** `encoding` null: UTF-8, or windows-1252 where the first character beyond ASCII is no UTF-8. */
  private constructor(bytes: ByteStream, encoding: string | null, file: string) {
    this.#bytes = bytes;
    this.#file = file;
    this.encoding = encoding ?? 'utf-8';
    this.text = new TextStream(
      withoutMark(encoding === null ? this.#decodeUnknown() : this.#decode(encoding)),
    );
  }

  async *#decode(encoding: string): AsyncGenerator<string> {
    if (encoding === 'windows-1252') {
      yield* this.#decodeLatin(new Uint8Array(0));
      return;
    }
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    for await (const piece of this.#bytes) {
      if (encoding === 'utf-8') this.#refuseZeros(piece);
      yield this.#count(this.#tryDecode(() => decoder.decode(piece, { stream: true }), encoding));
    }
    yield this.#count(this.#tryDecode(() => decoder.decode(), encoding));
  }

  /** The first character beyond ASCII decides: a file that is UTF-8 there stays UTF-8. */
  async *#decodeUnknown(): AsyncGenerator<string> {
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let isAscii = true;
    let torn: Uint8Array = new Uint8Array(0);
    for await (const piece of this.#bytes) {
      this.#refuseZeros(piece);
      const bytes = torn.length === 0 ? piece : concat([torn, piece], torn.length + piece.length);
      const whole = bytes.subarray(0, bytes.length - tornLength(bytes));
      torn = bytes.slice(whole.length);
      let text: string;
      try {
        text = utf8.decode(whole);
      } catch {
        const first = whole.findIndex((byte) => byte >= 0x80);
        if (isAscii && !isCharacter(whole.subarray(first, first + 4))) {
          yield* this.#decodeLatin(bytes);
          return;
        }
        throw this.#notUtf8(whole);
      }
      isAscii &&= text.length === whole.length;
      yield this.#count(text);
    }
    if (torn.length > 0) throw this.#notUtf8(torn);
  }

  async *#decodeLatin(bytes: Uint8Array): AsyncGenerator<string> {
    this.encoding = 'windows-1252';
    const decoder = new TextDecoder(this.encoding, { ignoreBOM: true });
    yield toWindows1252(decoder.decode(bytes));
    for await (const piece of this.#bytes) {
      this.#refuseZeros(piece);
      yield toWindows1252(decoder.decode(piece));
    }
  }

  #count(text: string): string {
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) this.#lines++;
    return text;
  }

  #tryDecode(decode: () => string, encoding: string): string {
    try {
      return decode();
    } catch {
      throw new DataError(
        `the text is not valid ${encoding === 'utf-8' ? 'UTF-8' : encoding}.`,
        { file: this.#file },
        `If it is in another encoding, ${chooseEncoding}.`,
      );
    }
  }

  #notUtf8(bytes: Uint8Array): DataError {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const before = text.slice(0, text.indexOf('\uFFFD'));
    return new DataError(
      'the text is not valid UTF-8.',
      { file: this.#file, line: this.#lines + before.split('\n').length - 1 },
      `Correct this line; or, if the file is in another encoding, ${chooseEncoding}.`,
    );
  }

  #refuseZeros(piece: Uint8Array): void {
    const at = piece.indexOf(0);
    if (at === -1) return;
    let line = this.#lines;
    for (let i = piece.indexOf(10); i !== -1 && i < at; i = piece.indexOf(10, i + 1)) line++;
    throw new DataError(
      'the file holds zero bytes, so it is binary, or text in UTF-16.',
      { file: this.#file, line },
      `Drop a table: CSV, TSV, JSON lines, Parquet, or a MovieLens or Criteo download. If it is text, ${chooseEncoding}.`,
    );
  }
}

/** The characters of bytes 0x80 to 0x9f. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Node 20 decodes windows-1252 as if it were Latin-1 (nodejs/node#56542). */
function toWindows1252(text: string): string {
  return text.replaceAll(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80]);
}

/** Marks of the order of bytes, also two of them, say nothing once the text is decoded. */
async function* withoutMark(pieces: AsyncGenerator<string>): AsyncGenerator<string> {
  let isStart = true;
  for await (const piece of pieces) {
    const text: string = isStart ? piece.replace(/^\uFEFF+/, '') : piece;
    isStart &&= text === '';
    yield text;
  }
}

/** UTF-16 by its mark, or by zeros in every second byte; null: bytes of one character each, or UTF-8. */
async function guess(bytes: ByteStream): Promise<string | null> {
  const head = await bytes.peek(guessedBytes);
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const pairs = head.length >> 1;
  const zeros = [0, 0];
  for (let i = 0; i < 2 * pairs; i++) if (head[i] === 0) zeros[i % 2]++;
  const [even, odd] = zeros.map((count) => count / pairs);
  if (odd > 0.4 && even < 0.05) return 'utf-16le';
  if (even > 0.4 && odd < 0.05) return 'utf-16be';
  return null;
}

function checkLabel(asked: string, file: string): string {
  try {
    return new TextDecoder(asked).encoding;
  } catch {
    throw new DataError(
      `“${asked}” is no encoding.`,
      { file },
      'Give one by its name: utf-8, utf-16le, windows-1252, iso-8859-2, windows-1251, shift_jis, gbk, …',
    );
  }
}

/** Bytes at the end that may begin a character which the next piece completes. */
function tornLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of the character that `lead` begins. */
function characterLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

/** True: the bytes begin with a character of UTF-8. */
function isCharacter(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, characterLength(bytes[0])));
    return true;
  } catch {
    return false;
  }
}
