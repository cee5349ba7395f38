import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';
import type { DenseMatrix } from './matrix.ts';
import { rowNorms } from './rowNorms.ts';
import { decompose, numericalRank, type Spectrum } from './spectrum.ts';

/**
 * C [d, rank] with ‖a·C‖² = the leverage of a row a: V·Σ⁺ of a factor B of A (BᵀB = AᵀA), the inverse of R up to
 * a rotation, and well defined where R has none.
 */
export function whitening(factor: DenseMatrix): DenseMatrix {
  return whiteningOf(decompose(factor));
}

export function whiteningOf({ singularValues, directions }: Spectrum): DenseMatrix {
  const rank = numericalRank(singularValues);
  const values = new Float64Array(directions.rows * rank);
  for (let j = 0; j < directions.rows; j++)
    for (let k = 0; k < rank; k++)
      values[j * rank + k] = directions.values[j * directions.columns + k] / singularValues[k];
  return { rows: directions.rows, columns: rank, values };
}

/**
 * τ_i = ‖a_i R⁻¹‖²: how far row i alone decides the table's span, 0 … 1; Σ τ = rank. With the factor of a sketch of
 * distortion ε each is within 1/(1 ± ε). Rows weighed by rowFactors, where given, as the factor's were. [rows]
 */
export function leverageScores(
  table: DenseMatrix,
  factor: DenseMatrix,
  rowFactors?: ArrayLike<number>,
): Float64Array {
  return rowNorms(table, whitening(factor), rowFactors);
}

/** Rows by falling score, the `count` first of them; of equal scores the first row first. */
export function highestRows(scores: ArrayLike<number>, count: number): readonly number[] {
  return finish(findingHighest(scores, count));
}

/** highestRows, in pieces. */
function* findingHighest(scores: ArrayLike<number>, count: number): Pieces<readonly number[]> {
  if (count <= 0 || scores.length === 0) return [];
  // Sorting a million numbers takes a tenth of the time of sorting their indices.
  const sorted = yield* sortingNumbers(scores);
  const least = sorted[Math.max(0, scores.length - count)];
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) if (scores[row] >= least) rows.push(row);
  yield;
  return (yield* sorting(rows, (a, b) => scores[b] - scores[a] || a - b)).slice(0, count);
}

/** What is sorted at once: a few milliseconds. */
const SORTED_AT_ONCE = 2 ** 14;

/** Rising, by merging sorted parts. */
function* sortingNumbers(values: ArrayLike<number>): Pieces<Float64Array> {
  let sorted = Float64Array.from(values);
  yield;
  for (const { from, end } of rangesOf(sorted.length, SORTED_AT_ONCE)) {
    sorted.subarray(from, end).sort();
    yield;
  }
  let merged = new Float64Array(sorted.length);
  for (let half = SORTED_AT_ONCE; half < sorted.length; half *= 2) {
    for (const { from, end } of rangesOf(sorted.length, 2 * half))
      yield* merging(sorted, merged, from, Math.min(end, from + half), end, (a, b) => a - b);
    [sorted, merged] = [merged, sorted];
  }
  return sorted;
}

/** The same order as that of Array.sort. */
function* sorting<T>(values: readonly T[], compare: (a: T, b: T) => number): Pieces<T[]> {
  let sorted: T[] = [];
  for (const { from, end } of rangesOf(values.length, SORTED_AT_ONCE)) {
    for (const value of values.slice(from, end).sort(compare)) sorted.push(value);
    yield;
  }
  let merged = [...sorted];
  for (let half = SORTED_AT_ONCE; half < sorted.length; half *= 2) {
    for (const { from, end } of rangesOf(sorted.length, 2 * half))
      yield* merging(sorted, merged, from, Math.min(end, from + half), end, compare);
    [sorted, merged] = [merged, sorted];
  }
  return sorted;
}

interface Sequence<T> {
  [index: number]: T;
}

/** Merges sorted from[first … middle − 1] and from[middle … end − 1] into the same places of `to`. Of equals the first comes first. */
function* merging<T>(
  from: Sequence<T>,
  to: Sequence<T>,
  first: number,
  middle: number,
  end: number,
  compare: (a: T, b: T) => number,
): Pieces<void> {
  let [a, b] = [first, middle];
  for (let at = first; at < end; at++) {
    const takesFirst = a < middle && (b >= end || compare(from[a], from[b]) <= 0);
    to[at] = takesFirst ? from[a++] : from[b++];
    if (at % SORTED_AT_ONCE === 0) yield;
  }
}

/** A row with its leverage; ranks count from 1. */
export interface RankedRow {
  readonly row: number;
  readonly leverage: number;
  readonly leverageRank: number;
  /** Rows are popularity ranks. */
  readonly popularityRank: number;
}

/** Share of the rows that are candidates: those of highest leverage. */
const SHARE = 0.05;

/**
 * Rows that matter more to a table than their popularity suggests: of the 5 % with the highest leverage (at least
 * `count` rows), those with the largest ratio of popularity rank to leverage rank, if it is above 1.
 */
export function* findingSurprises(leverages: ArrayLike<number>, count: number): Pieces<readonly RankedRow[]> {
  const most = Math.max(count, Math.ceil(SHARE * leverages.length));
  const ranked = (yield* findingHighest(leverages, most))
    .map((row, i) => ({ row, leverage: leverages[row], leverageRank: i + 1, popularityRank: row + 1 }))
    .filter(({ leverageRank, popularityRank }) => leverageRank < popularityRank);
  yield;
  const byRatio = yield* sorting(
    ranked,
    (a, b) => b.popularityRank / b.leverageRank - a.popularityRank / a.leverageRank || a.row - b.row,
  );
  return byRatio.slice(0, count);
}
