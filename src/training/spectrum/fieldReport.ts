import { fitDecay, numericalRank, rankKeeping, stableRank } from '../../analysis/spectrum.ts';
import type { Pieces } from '../../pieces/pieces.ts';
import { type Field, readName } from '../../data/dataset.ts';
import type { FieldSpectrum } from './measureField.ts';
import { findingSurprises, type RankedRow } from '../../analysis/leverage.ts';

/** What is said of a field's vectors. Plain values, which can be sent between threads and printed. */
export interface FieldReport {
  /** The field's name. */
  readonly field: string;
  readonly rows: number;
  /** The dim of every block. */
  readonly dims: readonly number[];
  /** Falling. All rows count alike. */
  readonly singularValues: readonly number[];
  /** How many of them are larger than rounding errors, and how many keep 90 and 99 % of their energy. */
  readonly rank: number;
  readonly rank90: number;
  readonly rank99: number;
  readonly stableRank: number;
  /** The same with rows weighed by how often they are looked up. */
  readonly weightedValues: readonly number[];
  readonly weightedRank: number;
  readonly weightedRank90: number;
  readonly weightedRank99: number;
  /** How fast singularValues fall: see Decay. undefined: there are fewer than two. */
  readonly beta: number | undefined;
  readonly betaError: number | undefined;
  readonly suggestedAlpha: number | undefined;
  /** See FieldSpectrum. */
  readonly typicalError: number;
  readonly distortion: number;
  readonly surprises: readonly SurprisingRow[];
}

export interface SurprisingRow extends RankedRow {
  readonly lookups: number;
  /** null: it was not kept, or the id stands for several values. */
  readonly value: string | null;
}

/** The part of a FieldSpectrum that a report is made of. */
export type ReportedSpectrum = Pick<
  FieldSpectrum,
  'dims' | 'singularValues' | 'weightedValues' | 'typicalError' | 'distortion'
>;

/** `leverages`: of all ids; `count`: how many of the rows to name that matter more than their popularity suggests. */
export function* reporting(
  { name, cardinality, counts, names }: Field,
  { dims, singularValues, weightedValues, typicalError, distortion }: ReportedSpectrum,
  leverages: ArrayLike<number>,
  count: number,
): Pieces<FieldReport> {
  const surprises = yield* findingSurprises(leverages, count);
  const decay = fitDecay([singularValues]);
  return {
    field: name,
    rows: cardinality,
    dims,
    singularValues: [...singularValues],
    rank: numericalRank(singularValues),
    rank90: rankKeeping(singularValues, 0.9),
    rank99: rankKeeping(singularValues, 0.99),
    stableRank: stableRank(singularValues),
    weightedValues: [...weightedValues],
    weightedRank: numericalRank(weightedValues),
    weightedRank90: rankKeeping(weightedValues, 0.9),
    weightedRank99: rankKeeping(weightedValues, 0.99),
    beta: decay?.beta,
    betaError: decay?.betaError,
    suggestedAlpha: decay?.alpha,
    typicalError,
    distortion,
    surprises: surprises.map((ranked) =>
      Object.assign(ranked, {
        lookups: counts[ranked.row],
        value: (names && readName(names, ranked.row)) || null,
      }),
    ),
  };
}

/** Which spectrum the page shows. */
export interface SpectrumQuery {
  readonly field: number;
  /** Whether to measure all rows instead of sketches of long tables. */
  readonly exact: boolean;
}

/** The spectrum of a field at one moment. */
export interface SpectrumSnapshot {
  readonly field: number;
  /** How many steps its tables had been trained for. */
  readonly step: number;
  /** Whether the tables are those with the best validation loss, at the end of the run. */
  readonly isBest: boolean;
  /** null: the vectors are not plain rows of a table, or `problem` says what went wrong. */
  readonly report: FieldReport | null;
  readonly problem: string | null;
}

/** How many rows a snapshot names. */
export const SURPRISING_ROWS = 12;

/** Says what happened and, if the error has a remedy, what to do about it. */
export function describeProblem(error: unknown): string {
  const { message = String(error), remedy = '' } = error as { message?: string; remedy?: string };
  return `${message} ${remedy}`.trim();
}

/** Ends a measurement that is no longer wanted. */
export const NOT_AWAITED = new Error('Nobody waits for this measurement.');
