import { partsOf } from '../categoryReading.ts';
import type { ListProfile } from './profile.ts';

/** Counts the parts of cells that are lists by one separator. */
export class ListTally {
  readonly #separator: string;
  /** null: they are more than mostFlags. */
  #parts: Map<string, number> | null = new Map();
  #cells = 0;
  #most = 1;
  #cut = 0;

  constructor(separator: string) {
    this.#separator = separator;
  }

  /** `count` equal cells that hold a value. */
  add(cell: string, count: number): void {
    if (this.#parts === null && !cell.includes(this.#separator)) return;
    const parts = partsOf(cell, this.#separator);
    if (parts.length > 1) this.#cells += count;
    if (parts.length > mostPlaces) this.#cut += count;
    this.#most = Math.max(this.#most, parts.length);
    if (this.#parts === null) return;
    for (const part of parts) this.#parts.set(part, (this.#parts.get(part) ?? 0) + count);
    if (this.#parts.size > mostFlags) this.#parts = null;
  }

  /** null: no cell is a list. */
  describe(): ListProfile | null {
    if (this.#cells === 0) return null;
    const parts = this.#parts && [...this.#parts].sort((a, b) => b[1] - a[1]).map(([part]) => part);
    return { separator: this.#separator, cells: this.#cells, parts, most: this.#most, cut: this.#cut };
  }
}

/** Separators that cells are tried with, the most telling first. */
export const listSeparators = ['|', ';', ',', ' '] as const;

/** Lists of at most so many different parts become a field for each part: it is there or not. */
const mostFlags = 32;
/** Other lists become fields of their first, second … part, and of so many at most. */
export const mostPlaces = 8;
