import type { FieldReport, SpectrumSnapshot } from '../../../src/training/spectrum/fieldReport.ts';

/** A field of 40 rows of 3 floats, sketched. */
export function makeReport(changes: Partial<FieldReport> = {}): FieldReport {
  const { singularValues = [4, 2, 1] } = changes;
  return {
    field: 'large',
    rows: 40,
    dims: [3],
    singularValues,
    rank: singularValues.length,
    rank90: 2,
    rank99: 3,
    stableRank: 1.3,
    weightedValues: singularValues.map((value) => value / 10),
    weightedRank: singularValues.length,
    weightedRank90: 1,
    weightedRank99: 2,
    beta: 1.2,
    betaError: 0.1,
    suggestedAlpha: 0.42,
    typicalError: 0.1,
    distortion: 0.8,
    surprises: [
      { row: 30, leverage: 0.4, leverageRank: 1, popularityRank: 31, lookups: 7, value: 'film 30' },
      { row: 39, leverage: 0.2, leverageRank: 2, popularityRank: 40, lookups: 5, value: null },
      { row: 20, leverage: 0.1, leverageRank: 3, popularityRank: 21, lookups: 9, value: null },
    ],
    ...changes,
  };
}

export function makePicture(changes: Partial<SpectrumSnapshot> = {}): SpectrumSnapshot {
  return { field: 1, step: 120, isBest: false, report: makeReport(), problem: null, ...changes };
}
