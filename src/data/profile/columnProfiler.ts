import { ownCopy } from '../ownCopy.ts';
import { isMissing, markerName } from '../missing.ts';
import { type DecimalMark, isAmbiguousNumber, parseNumber } from '../numberText.ts';
import { isNumericDate, parseTime } from '../timeText.ts';
import { DistinctEstimate } from './distinct.ts';
import { listSeparators, ListTally } from './listTally.ts';
import type { ColumnProfile, NumberProfile } from './profile.ts';

const examplesShown = 5;
const valuesListed = 64;

/** Gathers what the cells of one column say. Cells are counted by value, so that each value is looked at once. */
export class ColumnProfiler {
  readonly #name: string;
  readonly #maxValues: number;
  readonly #counts = new Map<string, number>();
  readonly #missing = new Map<string, number>();
  readonly #examples: string[] = [];
  readonly #lists = listSeparators.map((separator) => new ListTally(separator));
  #estimate: DistinctEstimate | null = null;
  #values: readonly (readonly [string, number])[] = [];

  #count = 0;
  readonly #moments = { '.': new Moments(), ',': new Moments() };
  #ambiguous = 0;
  #dayFirst = 0;
  #monthFirst = 0;
  #ambiguousDates = 0;
  #shortest = Infinity;
  #longest = 0;
  #leadingZeros = 0;
  #beyondExact = 0;
  #decimals = 0;
  #scientific = 0;
  #previous = NaN;
  #isConsecutive = true;

  /** Up to `maxValues` different values are counted exactly. */
  constructor(name: string, maxValues: number) {
    this.#name = name;
    this.#maxValues = maxValues;
  }

  add(cell: string): void {
    if (this.#isConsecutive) this.#follow(cell);
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1);
    if (this.#counts.size > this.#maxValues) this.#digestAll();
  }

  /** No more cells will come. The decimal mark that they say; null: they are numbers with both, or with neither. */
  close(): DecimalMark | null {
    this.#values = [...this.#counts].filter(([cell]) => !isMissing(cell));
    this.#digestAll();
    const point = this.#moments['.'].count;
    const comma = this.#moments[','].count;
    return point > comma ? '.' : comma > point ? ',' : null;
  }

  describe(mark: DecimalMark): ColumnProfile {
    const exact = this.#estimate === null ? this.#values.length : null;
    const share = (part: number) => (this.#count === 0 ? 0 : part / this.#count);
    return {
      name: this.#name,
      count: this.#count,
      missing: [...this.#missing].map(([marker, count]) => ({ marker, count })),
      distinct:
        exact === null
          ? { count: Math.min(this.#estimate!.count, this.#count), isExact: false }
          : { count: exact, isExact: true },
      examples: this.#examples,
      values:
        exact !== null && exact <= valuesListed
          ? this.#values.map(([value, count]) => ({ value: ownCopy(value), count }))
          : null,
      numberShare: { '.': share(this.#moments['.'].count), ',': share(this.#moments[','].count) },
      ambiguousShare: share(this.#ambiguous),
      mark,
      numbers: this.#moments[mark].finish(this.#isConsecutive),
      dateShare: { 'day-first': share(this.#dayFirst), 'month-first': share(this.#monthFirst) },
      ambiguousDates: this.#ambiguousDates,
      lists: this.#lists.map((tally) => tally.describe()).filter((list) => list !== null),
      texts: {
        shortest: this.#count === 0 ? 0 : this.#shortest,
        longest: this.#longest,
        leadingZeros: this.#leadingZeros,
        beyondExact: this.#beyondExact,
        decimals: this.#decimals,
        scientific: this.#scientific,
      },
    };
  }

  #follow(cell: string): void {
    const value = Number(cell);
    this.#isConsecutive =
      cell !== '' &&
      Number.isInteger(value) &&
      (Number.isNaN(this.#previous) || value === this.#previous + 1);
    this.#previous = value;
  }

  #digestAll(): void {
    if (this.#counts.size > this.#maxValues) this.#estimate ??= new DistinctEstimate();
    for (const [cell, count] of this.#counts) this.#digest(cell, count);
    this.#counts.clear();
  }

  #digest(cell: string, count: number): void {
    if (isMissing(cell)) {
      const marker = markerName(cell);
      this.#missing.set(marker, (this.#missing.get(marker) ?? 0) + count);
      return;
    }
    this.#estimate?.add(cell);
    if (this.#examples.length < examplesShown) this.#examples.push(ownCopy(cell));
    this.#count += count;
    this.#shortest = Math.min(this.#shortest, cell.length);
    this.#longest = Math.max(this.#longest, cell.length);
    if (/^[-+]?[(\d.,$€£¥−]/.test(cell)) this.#digestNumber(cell, count);
    else if (/[a-z]{3}/i.test(cell)) this.#digestDate(cell, count);
    for (const tally of this.#lists) tally.add(cell, count);
  }

  #digestNumber(cell: string, count: number): void {
    const point = parseNumber(cell, '.');
    const comma = parseNumber(cell, ',');
    if (!Number.isNaN(point)) this.#moments['.'].add(point, count);
    if (!Number.isNaN(comma)) this.#moments[','].add(comma, count);
    if (isAmbiguousNumber(cell)) this.#ambiguous += count;
    if (/^(0\d+|\+\d{5,})$/.test(cell)) this.#leadingZeros += count;
    if (/^[-+]?\d+$/.test(cell) && !Number.isSafeInteger(Number(cell))) this.#beyondExact += count;
    if (/^[-+]?\d+\.0+$/.test(cell)) this.#decimals += count;
    if (/^\d[.,]?\d*e\+?\d+$/i.test(cell)) this.#scientific += count;
    if (Number.isNaN(point) || /\d[./-]\d+[./-]/.test(cell)) this.#digestDate(cell, count);
  }

  #digestDate(cell: string, count: number): void {
    const dayFirst = parseTime(cell, 'day-first');
    const monthFirst = parseTime(cell, 'month-first');
    if (!Number.isNaN(dayFirst)) this.#dayFirst += count;
    if (!Number.isNaN(monthFirst)) this.#monthFirst += count;
    if (isNumericDate(cell) && dayFirst !== monthFirst) this.#ambiguousDates += count;
  }
}

class Moments {
  count = 0;
  #least = Infinity;
  #largest = -Infinity;
  #mean = 0;
  #squares = 0;
  #negatives = 0;
  #integers = 0;

  /** Welford's update, of `count` equal numbers. */
  add(value: number, count: number): void {
    this.count += count;
    this.#least = Math.min(this.#least, value);
    this.#largest = Math.max(this.#largest, value);
    const change = value - this.#mean;
    this.#mean += (change * count) / this.count;
    this.#squares += change * (value - this.#mean) * count;
    if (value < 0) this.#negatives += count;
    if (Number.isInteger(value)) this.#integers += count;
  }

  finish(isConsecutive: boolean): NumberProfile | null {
    if (this.count === 0) return null;
    return {
      least: this.#least,
      largest: this.#largest,
      mean: this.#mean,
      deviation: Math.sqrt(Math.max(0, this.#squares) / this.count),
      negatives: this.#negatives,
      integerShare: this.#integers / this.count,
      isConsecutive: isConsecutive && this.count > 1,
    };
  }
}
