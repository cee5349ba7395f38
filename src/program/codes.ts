/**
 * Rows of codes: a record of u32 words a row, the bits of its scale Δ (f32) and then its codes, 32/bits to a word,
 * the first in the lowest bits, in two's complement. An element is Δ·q, −limit ≤ q ≤ limit; codes of
 * one row share no word with those of another.
 */
export type CodeBits = 8 | 4;

/** Words of the record of a row of `dim` codes. */
export function recordWords(dim: number, bits: CodeBits): number {
  return 1 + Math.ceil((dim * bits) / 32);
}

/** Largest code; the one below −limit is not used, so that zero is in the middle. */
export function codeLimit(bits: CodeBits): number {
  return 2 ** (bits - 1) - 1;
}

/** Code j of the record that starts at `record`. */
export function readCode(words: Uint32Array, record: number, j: number, bits: CodeBits): number {
  const at = j * bits;
  const word = words[record + 1 + (at >>> 5)];
  return (word << (32 - bits - (at & 31))) >> (32 - bits);
}

/** Replaces code j; `code` is within the limit. */
export function writeCode(words: Uint32Array, record: number, j: number, bits: CodeBits, code: number): void {
  const at = j * bits;
  const index = record + 1 + (at >>> 5);
  const mask = (2 ** bits - 1) << (at & 31);
  words[index] = (words[index] & ~mask) | ((code << (at & 31)) & mask);
}
