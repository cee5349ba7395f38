import type { DateOrder } from '../timeText.ts';
import type { DecimalMark } from '../numberText.ts';

/** What the cells of a file say, before anything is guessed from them. */
export interface Profile {
  readonly columns: readonly ColumnProfile[];
  /** Lines looked at. */
  readonly rows: number;
  /** Of these lines, those that do not fit the table: loading leaves them out. */
  readonly unfit: readonly UnfitLines[];
  /** True: all lines of the file. Otherwise `sample` says which ones. */
  readonly isWhole: boolean;
  readonly sample: string;
}

export interface UnfitLines {
  readonly reason: string;
  readonly count: number;
  /** 1-based; null: it is not known, as the line is somewhere in the middle of the file. */
  readonly firstLine: number | null;
}

export interface ColumnProfile {
  readonly name: string;
  /** Cells that hold a value. */
  readonly count: number;
  readonly missing: readonly { readonly marker: string; readonly count: number }[];
  /** Different values; from some ten thousands on an estimate (HyperLogLog, ±2 %). */
  readonly distinct: { readonly count: number; readonly isExact: boolean };
  /** The first different values. */
  readonly examples: readonly string[];
  /** All values with their counts, where they are at most 64; null: there are more. */
  readonly values: readonly { readonly value: string; readonly count: number }[] | null;
  /** Of the cells with a value, those that are numbers with either decimal mark. */
  readonly numberShare: Readonly<Record<DecimalMark, number>>;
  /** Share of the cells that are a number with one mark and another with the other: 680.351. */
  readonly ambiguousShare: number;
  readonly mark: DecimalMark;
  /** By `mark`; null: no cell is a number. */
  readonly numbers: NumberProfile | null;
  /** Of the cells with a value. */
  readonly dateShare: Readonly<Record<DateOrder, number>>;
  /** Dates that have another meaning with the other order of day and month. */
  readonly ambiguousDates: number;
  /** Cells such as a|b|c, by each separator that they may have. */
  readonly lists: readonly ListProfile[];
  readonly texts: TextProfile;
}

/** The cells of a column, split at one separator. */
export interface ListProfile {
  readonly separator: string;
  /** Those with more than one part. */
  readonly cells: number;
  /** All different parts, the most frequent first; null: they are more than 32. */
  readonly parts: readonly string[] | null;
  /** Parts of the longest list. */
  readonly most: number;
  /** Lists of more than 8 parts. */
  readonly cut: number;
}

export interface NumberProfile {
  readonly least: number;
  readonly largest: number;
  readonly mean: number;
  readonly deviation: number;
  readonly negatives: number;
  /** Of the numbers. */
  readonly integerShare: number;
  /** True: each is one more than the number in the line before. */
  readonly isConsecutive: boolean;
}

export interface TextProfile {
  readonly shortest: number;
  readonly longest: number;
  /** Digits alone that begin with a zero, or with a plus sign. */
  readonly leadingZeros: number;
  /** Integers beyond ±2^53, which a number cannot hold. */
  readonly beyondExact: number;
  /** Integers that are written with decimals: 7.0. */
  readonly decimals: number;
  /** Cells that are numbers in e notation, as spreadsheets write long codes. */
  readonly scientific: number;
}

/** A guess about a file, and how far it can be trusted. */
export interface Guess {
  readonly confidence: 'sure' | 'likely' | 'weak';
  readonly reason: string;
}

/** True: both orders of day and month read all dates, and not as the same ones. */
export function isAmbiguousDate({ dateShare, ambiguousDates }: ColumnProfile): boolean {
  return ambiguousDates > 0 && dateShare['day-first'] === dateShare['month-first'];
}
