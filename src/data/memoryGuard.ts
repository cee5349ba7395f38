import { DataError } from './containers/errors.ts';
import type { CollectedSize } from './fileLoader.ts';

/** Of a limit, what loading may plan with: the rest is for what is not counted here. */
const usableShare = 0.8;
/** A projection must be so much above what there is before it stops a load that has room yet. */
const doubt = 1.25;
/** Lines from which on growth is told from two sizes. */
const firstProjection = 1 << 14;

/** Sizes at one moment of the load. */
interface Growth {
  readonly lines: number;
  readonly size: CollectedSize;
}

/**
 * Stops a load that will not fit before the process or the tab dies of it. Examples take a known number of bytes; dictionaries
 * are projected by Heaps' law, values ∝ lines^β, with β from the last doubling of the lines.
 */
export class MemoryGuard {
  readonly #totalBytes: number;
  readonly #file: string;
  readonly #maxExamples: number;
  #before: Growth | null = null;
  #exponent = 1;

  constructor(totalBytes: number, file: string, maxExamples: number) {
    this.#totalBytes = totalBytes;
    this.#file = file;
    this.#maxExamples = maxExamples;
  }

  /** `share`: of the file that has been read; 0: not known. Throws DataError. */
  check(size: CollectedSize, lines: number, share: number): void {
    if (lines === 0) return;
    const now = { lines, size };
    if (this.#excess(size) > 1) throw this.#error(now, lines);
    if (share === 0 || lines < Math.max(firstProjection, 2 * (this.#before?.lines ?? 0))) return;
    if (this.#before) this.#exponent = exponentOf(this.#before, now);
    const total = lines / share;
    if (this.#before && this.#excess(this.#project(now, total, this.#maxExamples)) > doubt) {
      throw this.#error(now, total);
    }
    this.#before = now;
  }

  /** The peak over what there is; above 1 it does not fit. */
  #excess(size: CollectedSize): number {
    return peakOf(size) / this.#totalBytes / usableShare;
  }

  /** The sizes when `total` lines have been read of which at most `maxExamples` are kept. */
  #project({ lines, size }: Growth, total: number, maxExamples: number): CollectedSize {
    const examples = Math.min(total, maxExamples);
    // Of a sample of n of m lines, n·(1 + ln(m/n)) were among the n of the least keys for a while.
    const seen = examples * (1 + Math.log(total / examples));
    const seenNow = Math.min(lines, maxExamples) * (1 + Math.log(Math.max(1, lines / maxExamples)));
    const growth = Math.max(1, seen / seenNow) ** this.#exponent;
    return {
      ...size,
      examples,
      dictionaryBytes: size.dictionaryBytes * growth,
      values: size.values * growth,
    };
  }

  #error(now: Growth, total: number): DataError {
    const bytes = peakOf(this.#project(now, total, this.#maxExamples));
    const fit = this.#linesThatFit(now, total);
    const lines = Math.min(total, this.#maxExamples);
    return new DataError(
      `${grouped(lines)} lines with their different values take about ${gigabytes(bytes)} of memory, and there are ${gigabytes(this.#totalBytes)}.`,
      { file: this.#file },
      `About ${grouped(fit)} lines fit: load a random sample of so many (row limit, or --max-examples ${fit}), or give the role “ignore” to columns with many different values.`,
    );
  }

  /** To two digits, rounded down; at least 1. */
  #linesThatFit(now: Growth, total: number): number {
    let low = 1;
    let high = Math.min(total, this.#maxExamples);
    while (high - low > low / 100) {
      const middle = (low + high) / 2;
      const { lines, size } = now;
      // Fewer lines than have been read: their values by the same law.
      const shrink = Math.min(1, middle / lines) ** this.#exponent;
      const then = this.#project(
        {
          lines: Math.min(lines, middle),
          // A table just over three quarters full has just been doubled.
          size: { ...size, dictionaryBytes: 2 * size.dictionaryBytes * shrink, values: size.values * shrink },
        },
        total,
        middle,
      );
      if (this.#excess(then) > 1) high = middle;
      else low = middle;
    }
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(low)) - 1);
    return Math.max(1, Math.floor(low / unit) * unit);
  }
}

function exponentOf(before: Growth, now: Growth): number {
  const growth = Math.log(now.size.values / Math.max(1, before.size.values));
  return Math.min(1, Math.max(0, growth / Math.log(now.lines / before.lines)));
}

/** Dictionaries, one of which may be growing; of examples codes, numbers, label and record, and the arrays of the data set; counts. */
function peakOf({ dictionaryBytes, examples, columns, values }: CollectedSize): number {
  return 1.1 * dictionaryBytes + examples * (2 * 4 * columns + 16 + 4 + 8) + values * 20;
}

function gigabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en');
}
