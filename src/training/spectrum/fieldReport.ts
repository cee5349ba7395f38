import { fitDecay, numericalRank, rankKeeping, stableRank } from '../../analysis/spectrum.ts';
import { type Field, readName } from '../../data/dataset.ts';
import type { FieldSpectrum } from './measureField.ts';
import { type RankedRow, surprisingRows } from '../../analysis/leverage.ts';

/** What is told of a field's vectors: plain values, which cross threads and are printed. */
export interface FieldReport {
  /** Its name. */
  readonly field: string;
  readonly rows: number;
  /** Of its blocks. */
  readonly dims: readonly number[];
  /** Falling; of all rows alike. */
  readonly singularValues: readonly number[];
  /** How many of them are more than rounding, and how many keep 90 and 99 % of their energy. */
  readonly rank: number;
  readonly rank90: number;
  readonly rank99: number;
  readonly stableRank: number;
  /** The same of rows as often as they are looked up. */
  readonly weightedValues: readonly number[];
  readonly weightedRank: number;
  readonly weightedRank90: number;
  readonly weightedRank99: number;
  /** Of singularValues: see Decay. undefined: there are not two of them. */
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
  /** null: nobody kept it, or the id stands for several. */
  readonly value: string | null;
}

export type Seen = Pick<
  FieldSpectrum,
  'dims' | 'singularValues' | 'weightedValues' | 'typicalError' | 'distortion'
>;

/** `leverages` of all ids; of the rows that matter more than their popularity says, the first `count`. */
export function reportField(
  { name, cardinality, counts, names }: Field,
  { dims, singularValues, weightedValues, typicalError, distortion }: Seen,
  leverages: ArrayLike<number>,
  count: number,
): FieldReport {
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
    surprises: surprisingRows(leverages, count).map((ranked) =>
      Object.assign(ranked, {
        lookups: counts[ranked.row],
        value: (names && readName(names, ranked.row)) || null,
      }),
    ),
  };
}

/** What somebody has open. */
export interface SpectrumQuery {
  readonly field: number;
  /** From all rows instead of sketches of long tables. */
  readonly exact: boolean;
}

/** What the spectrum of a field is at one moment. */
export interface SpectrumSnapshot {
  readonly field: number;
  /** Steps that its tables had been trained for. */
  readonly step: number;
  /** They are those of the best validation loss, at the end of the run. */
  readonly isBest: boolean;
  /** null: the vectors are more than rows of a table; or `problem` says why there is none. */
  readonly report: FieldReport | null;
  readonly problem: string | null;
}

/** Rows that a snapshot names. */
export const SURPRISING_ROWS = 12;

/** What happened and what to do about it, of an error of this project or any other. */
export function describeProblem(error: unknown): string {
  const { message = String(error), remedy = '' } = error as { message?: string; remedy?: string };
  return `${message} ${remedy}`.trim();
}

/** Thrown where a measurement ends because nobody wants it any more. */
export const NOT_AWAITED = new Error('Nobody waits for this measurement.');
