import type { ScoredLines } from './scoreLines.ts';
import type { ScoredColumn, ScoredTable } from './scoredColumns.ts';

/** Comma-separated, with names in the first line. Numbers are texts that read back as the same bits. */
export class ScoredCsv implements ScoredTable {
  readonly #columns: readonly ScoredColumn[];
  readonly #encoder = new TextEncoder();
  #text: string;

  constructor(columns: readonly ScoredColumn[]) {
    this.#columns = columns;
    this.#text = `${columns.map(({ name }) => name).join(',')}\n`;
  }

  add(lines: ScoredLines): Uint8Array {
    for (let i = 0; i < lines.count; i++)
      this.#text += `${this.#columns.map((column) => column.valueOf(lines, i) ?? '').join(',')}\n`;
    return this.end();
  }

  end(): Uint8Array {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = '';
    return bytes;
  }
}
