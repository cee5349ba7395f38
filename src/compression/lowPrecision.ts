import type { FieldStorage } from './allocation.ts';
import {
  cardinalitiesOf,
  describeStorage,
  fullTable,
  hyperparametersOf,
  parametersOf,
  tooSmall,
} from './fixedDim.ts';
import type { AllocationRequest, Method, MethodDescription, RangeRequest } from './method.ts';
import type { PopularityBlock } from './popularityBlocks.ts';

/**
 * Rows that are trained as integers, with a learnt scale a row: ALPT (Li et al. 2022, arXiv 2212.05735) with the
 * scale's gradient of LSQ (Esser et al. 2019, arXiv 1902.08153). There is no float copy of a table, in
 * training either. Like uniform, the method makes its vectors shorter until they fit the budget; for
 * single fields among others of another method it keeps their dim.
 */
function lowPrecisionMethod(
  description: Pick<MethodDescription, 'explanation' | 'formula'>,
  bits: 8 | 4,
): Method {
  const storage: FieldStorage = { kind: 'codes', bits };

  function sizesOf(blocks: readonly PopularityBlock[], request: AllocationRequest | RangeRequest) {
    const { threshold, vectorDim } = hyperparametersOf(request);
    const rows = cardinalitiesOf(blocks);
    const fields = rows.map((own) => (own <= threshold ? fullTable : storage));
    return {
      rows,
      fields,
      smallestDim: request.keepsDim ? vectorDim : 1,
      vectorDim,
      sizeAt: (dim: number) => parametersOf({ fields }, rows, dim),
    };
  }

  return {
    ...description,
    paper: 'Li et al. 2022, arXiv 2212.05735',
    hyperparameters: ['vectorDim', 'threshold'],
    allocate(blocks, request) {
      const { budget = Infinity } = request;
      const { rows, fields, smallestDim, vectorDim, sizeAt } = sizesOf(blocks, request);
      let dim = vectorDim;
      while (dim > smallestDim && sizeAt(dim) > budget) dim--;
      if (sizeAt(dim) > budget) throw tooSmall(budget, sizeAt(dim));
      // The paper packs rows without gaps.
      const coded = rows.reduce((sum, own, i) => sum + (fields[i] === storage ? own : 0), 0);
      const gap = Math.ceil((dim * bits) / 32) - (dim * bits) / 32;
      const paper = Math.ceil(sizeAt(dim) - coded * gap);
      return describeStorage(blocks, { ...request, vectorDim: dim }, { fields }, paper);
    },
    reachableRange(blocks, request) {
      const { smallestDim, vectorDim, sizeAt } = sizesOf(blocks, request);
      return { min: sizeAt(smallestDim), max: sizeAt(vectorDim) };
    },
  };
}

/** Trained 8-bit rows. */
export const int8 = lowPrecisionMethod(
  {
    explanation:
      'Every element is an 8-bit integer times a scale of its row, while it is trained too: a row is moved in floats and rounded back at random, so that small steps count on average. The scale is learnt.',
    formula: 'e = Δ_x·q,  q ∈ {−127 … 127}^D',
  },
  8,
);

/** Trained 4-bit rows. */
export const int4 = lowPrecisionMethod(
  {
    explanation:
      'Every element is a 4-bit integer times a scale of its row, while it is trained too: eight of them take the room of one float. Rounding at random keeps small steps on average, and adds noise.',
    formula: 'e = Δ_x·q,  q ∈ {−7 … 7}^D',
  },
  4,
);
