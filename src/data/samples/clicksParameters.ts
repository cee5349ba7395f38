export interface ClicksParameters {
  readonly seed: number;
  readonly examples: number;
  /** Mean of the true probabilities. */
  readonly clickRate: number;
  /** Rows of C1 … C26. */
  readonly rows: readonly number[];
  /** Popularity within a field: P(value v) ∝ (v + 1)^−exponent. */
  readonly zipfExponent: number;
  /** Fields of at most `rows` rows have this meaning; larger ones the next. */
  readonly levels: readonly (Meaning & { readonly rows: number })[];
  readonly twins: Meaning & {
    /** Value v of any of these fields means the same as value v of the others. */
    readonly fields: readonly number[];
    /** What an example is about: one of so many things, by the same power law. */
    readonly things: number;
    /** The share of examples in which a field names the thing; else its value is drawn by itself. */
    readonly fidelity: number;
  };
  readonly digits: Meaning & {
    readonly field: number;
    readonly zipfExponent: number;
  };
  /** Standard deviations of the three parts of the logit: pairs of vectors, single values, numbers. */
  readonly logit: { readonly pairs: number; readonly singles: number; readonly numbers: number };
  /** Numbers are exp(N(mean, deviation²)) rounded down; the share `missing` is left out. */
  readonly numbers: {
    readonly columns: number;
    readonly mean: number;
    readonly deviation: number;
    readonly missing: number;
  };
}

/** Vectors of `rank` coordinates with standard deviation `vector`, single weights with standard deviation `single`. */
export interface Meaning {
  readonly rank: number;
  readonly vector: number;
  readonly single: number;
}

/**
 * What is planted in the clicks sample: Criteo's order of field sizes, scaled down. Small fields need
 * many dims, large ones few; C12, C16 and C21 name the same things; C24 is a code of binary digits,
 * 2^11 rows with the rare one.
 */
export const clicksParameters: ClicksParameters = {
  seed: 1,
  examples: 60_000,
  clickRate: 0.25,
  rows: [
    110, 60, 16_000, 9000, 48, 24, 280, 80, 3, 600, 200, 14_000, 160, 27, 300, 12_000, 10, 200, 130, 4,
    13_000, 18, 15, 2047, 36, 800,
  ],
  zipfExponent: 1,
  levels: [
    { rows: 22, rank: 1, vector: 0.2, single: 1 },
    { rows: 64, rank: 8, vector: 1.3, single: 1 },
    { rows: 1000, rank: 1, vector: 0.2, single: 0.5 },
    { rows: Infinity, rank: 1, vector: 0.2, single: 0.2 },
  ],
  twins: { fields: [3, 11, 15, 20], things: 1500, fidelity: 0.95, rank: 1, vector: 0.7, single: 0.3 },
  digits: { field: 23, zipfExponent: 0.5, rank: 1, vector: 1.5, single: 0.5 },
  logit: { pairs: 2.2, singles: 0.6, numbers: 0.6 },
  numbers: { columns: 13, mean: 1.5, deviation: 1.2, missing: 0.1 },
};
