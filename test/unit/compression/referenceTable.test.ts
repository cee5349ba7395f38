import { describe, expect, it } from 'vitest';
import { allocate } from '../../../src/compression/allocate.ts';
import type { AllocationRequest } from '../../../src/compression/method.ts';
import { criteoFields } from './criteoFields.ts';

// Ginart et al. 2019 on the Criteo Kaggle cardinalities, DLRM's rounding, projections included.
const alphas = [0, 0.1, 0.2, 0.3, 0.4];
const totals = {
  'power-of-two': {
    16: [540_201_232, 135_615_272, 34_432_757, 33_791_032, 33_766_858],
    64: [2_160_804_928, 542_484_896, 137_738_148, 35_011_683, 33_874_997],
  },
  integer: {
    16: [540_201_232, 135_834_738, 34_406_355, 33_788_516, 33_766_722],
    64: [2_160_804_928, 504_616_607, 111_384_433, 34_800_227, 33_871_345],
  },
} as const;

function withBaseDim(baseDim: number, alpha: number, rounding: AllocationRequest['rounding']) {
  const common = { method: 'mixed-dimension', blocks: 1, popularity: 'rows', maxDim: 1024 } as const;
  return allocate(criteoFields, { ...common, alpha, rounding, baseDim, rule: 'dlrm' });
}

describe('mixed dimension with a given base dim', () => {
  for (const rounding of ['power-of-two', 'integer'] as const) {
    for (const baseDim of [16, 64] as const) {
      it.each(alphas.map((alpha, i) => [alpha, totals[rounding][baseDim][i]]))(
        `stores as published with D = ${baseDim}, ${rounding} dims and α = %d: %d`,
        (alpha, parameters) => {
          const allocation = withBaseDim(baseDim, alpha, rounding);
          expect(allocation.parameters).toBe(parameters);
          expect(allocation.embeddingParameters + allocation.projectionParameters).toBe(parameters);
          expect(allocation.baseDim).toBe(baseDim);
          expect(allocation.budget).toBeNull();
        },
      );
    }
  }

  it.each([
    ['integer', [5, 6, 1, 1, 6, 11, 3, 5, 16, 2, 4, 1, 4, 10, 3, 1, 13, 4, 4, 15, 1, 11, 12, 2, 8, 2]],
    ['power-of-two', [4, 8, 1, 1, 8, 8, 4, 4, 16, 2, 4, 1, 4, 8, 4, 1, 16, 4, 4, 16, 1, 8, 16, 2, 8, 2]],
  ] as const)('gives every field its published dim, %s', (rounding, dims) => {
    expect(withBaseDim(16, 0.2, rounding).blocks.map((block) => block.dim)).toEqual(dims);
  });
});
