import type { ThresholdOp } from '../../../src/program/embeddingOps.ts';
import { FROZEN_LOGIT } from '../../../src/program/operand.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';

const rate = 2;

/** Thresholds of σ(1) and, for good, 0. */
function thresholdsOf(t: OpBench) {
  const values = Float32Array.of(1 / rate, FROZEN_LOGIT / rate);
  const base = t.random('thresholds.base', 7);
  return t.builder.view('thresholds', base, 3, [2], { initial: { kind: 'values', values } });
}

/** Two fields by their own lookups, out of order; vectors of a third stay 0. */
function partsOf(t: OpBench) {
  const { layout, width, fields, baseDim } = t.combined;
  const parts = [
    { field: 2, lookup: 4, lookups: 1 },
    { field: 0, lookup: 1, lookups: 1 },
  ];
  return { layout, parts, width, fields, baseDim };
}

export const thresholdCases: Readonly<Record<ThresholdOp['kind'], readonly MakeOp[]>> = {
  'soft-threshold': [
    (t) => {
      const { layout, parts, width, fields, baseDim } = partsOf(t);
      return {
        kind: 'soft-threshold',
        layout,
        parts,
        rate,
        thresholds: thresholdsOf(t),
        gathered: t.random('gathered', t.batch, width),
        vectors: t.zeros('vectors', t.batch, fields, baseDim),
      };
    },
  ],
  'soft-threshold-backward': [
    (t) => {
      const { layout, parts, width, fields, baseDim } = partsOf(t);
      return {
        kind: 'soft-threshold-backward',
        layout,
        parts,
        rate,
        decay: 0.1,
        thresholds: thresholdsOf(t),
        gathered: t.random('gathered', t.batch, width),
        dVectors: t.random('dVectors', t.batch, fields, baseDim),
        dGathered: t.zeros('dGathered', t.batch, width),
        dThresholds: t.zeros('dThresholds', 2),
      };
    },
  ],
  // The first step of the bench is not content, the second is.
  'freeze-thresholds': [5, 200].map((valuesPerExample): MakeOp => (t) => {
    const elements = t.batch * valuesPerExample;
    return {
      kind: 'freeze-thresholds',
      rate,
      thresholds: thresholdsOf(t),
      tables: t.randomSparse('tables', 6, 2 * elements + 9),
      ranges: [
        { offset: 3, elements },
        { offset: elements + 5, elements: elements + 1 },
      ],
      nonZeros: t.builder.tensor('nonZeros', 'activation', [1], { type: 'u32' }),
    };
  }),
};
