import type { Content, TextPiece } from '../containers/content.ts';
import { Pace } from '../containers/pace.ts';
import type { Head } from '../formats/layout.ts';
import type { DataSource } from '../source.ts';

/** Texts up to so many characters are looked at as a whole. */
const wholeLength = 1 << 23;
/** Of longer ones: parts spread evenly, the beginning first. */
const parts = 16;

/** The text that a profile is taken from. */
export interface TextSample {
  /** The first part from the beginning of the file, the others of whole lines. */
  readonly texts: readonly string[];
  readonly isWhole: boolean;
  /** As a sentence continues: `all of its lines`. */
  readonly description: string;
}

/**
 * The whole text; of a long one, parts spread evenly where the file can be read anywhere, else its beginning. What it takes
 * from the content it adds to `taken`. Rejects with the signal's reason.
 */
export async function readSample(
  source: DataSource,
  content: Content,
  head: Head,
  taken: TextPiece[],
  signal?: AbortSignal,
): Promise<TextSample> {
  if (!head.complete && source.size > wholeLength && isPlainText(source, content)) {
    const texts = [head.text, ...(await readParts(source, head, signal))];
    return { texts, isWhole: false, description: `${parts} parts spread over the whole file` };
  }
  const pieces = [head.text];
  let length = head.text.length;
  let isWhole = head.complete;
  while (!isWhole && length < wholeLength) {
    const next: IteratorResult<TextPiece> = await content.pieces.next();
    if (next.done) isWhole = true;
    else {
      pieces.push(next.value.text);
      length += next.value.text.length;
      taken.push(next.value);
    }
  }
  const description = isWhole ? 'all of its lines' : `its first ${wholeLength / 2 ** 20} MB of text`;
  return { texts: [pieces.join('')], isWhole, description };
}

/** A file that is its text: in UTF-8, in no container. */
function isPlainText({ slice, parts, name }: DataSource, { files, encoding, columns }: Content): boolean {
  const isAlone = parts === undefined && columns === null && files.length === 1 && files[0] === name;
  return slice !== undefined && isAlone && encoding === 'utf-8';
}

async function readParts(source: DataSource, head: Head, signal?: AbortSignal): Promise<string[]> {
  const texts: string[] = [];
  const pace = new Pace(signal);
  const length = wholeLength / parts;
  for (let part = 1; part < parts; part++) {
    await pace.pause();
    const start = Math.floor(((source.size - length) * part) / (parts - 1));
    const bytes = new Uint8Array(await source.slice!(start, start + length).arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const firstEnd = text.indexOf(head.newline);
    const lastEnd = text.lastIndexOf(head.newline);
    if (lastEnd > firstEnd) texts.push(text.slice(firstEnd + 1, lastEnd + 1));
  }
  return texts;
}
