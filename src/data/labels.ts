import type { Task } from './dataset.ts';
import { DataError } from './containers/errors.ts';

/** What the labels of a file turned out to mean. Clicks: `low` becomes 0, `high` 1, all else is left out. */
export type Labels =
  | { readonly task: 'rating' }
  | { readonly task: 'ranking' }
  | { readonly task: 'click'; readonly low: number; readonly high: number };

/** More distinct values than this are ratings, however many follow. */
const maxDistinct = 64;
/** Zeros and ones with at most this share of other values are clicks with mistakes. */
const strayShare = 0.1;

/** How often each of the first labels that differ was met; 0 and 1 are always among them. */
export interface LabelCounts {
  readonly total: number;
  readonly values: readonly { readonly label: number; readonly count: number; readonly firstLine: number }[];
}

/** Counts label values, to tell clicks from ratings when the format does not. */
export class LabelTally {
  readonly #values = new Map<number, { count: number; readonly firstLine: number }>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(label: number, line: number, count = 1): void {
    this.#total += count;
    const value = this.#values.get(label);
    if (value) value.count += count;
    else if (this.#values.size <= maxDistinct || label === 0 || label === 1) {
      this.#values.set(label, { count, firstLine: line });
    }
  }

  get counts(): LabelCounts {
    return {
      total: this.#total,
      values: [...this.#values].map(([label, { count, firstLine }]) => ({ label, count, firstLine })),
    };
  }

  /** Adds the labels of lines that follow. */
  merge({ total, values }: LabelCounts): void {
    const before = this.#total;
    for (const { label, count, firstLine } of values) this.add(label, firstLine, count);
    this.#total = before + total;
  }

  /** Throws DataError when all labels are equal. `expected` is what the format says. */
  decide(expected: Task | 'any', file: string, column: string): Labels {
    const values = [...this.#values.keys()].sort((a, b) => a - b);
    if (values.length === 1) {
      throw new DataError(
        `all ${this.#total.toLocaleString('en')} labels are ${values[0]}: there is nothing to learn.`,
        { file, column },
        'Drop a file with both labels (a sample of it must be drawn at random, not only from its clicks), or choose another label column.',
      );
    }
    if (expected === 'rating') return { task: 'rating' };
    if (values.length === 2) return { task: 'click', low: values[0], high: values[1] };
    const binary = (this.#values.get(0)?.count ?? 0) + (this.#values.get(1)?.count ?? 0);
    const strays = this.#total - binary;
    const areClicks = this.#values.has(0) && this.#values.has(1) && strays <= strayShare * this.#total;
    return areClicks ? { task: 'click', low: 0, high: 1 } : { task: 'rating' };
  }

  /** How many labels were neither of two values, and the line of the first. */
  others(low: number, high: number): { readonly count: number; readonly firstLine: number } {
    let known = 0;
    let firstLine = Infinity;
    for (const [value, seen] of this.#values) {
      if (value === low || value === high) known += seen.count;
      else firstLine = Math.min(firstLine, seen.firstLine);
    }
    return { count: this.#total - known, firstLine };
  }
}
