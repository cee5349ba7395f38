import { layoutEmbedding } from '../../../src/model/layoutEmbedding.ts';
import type { Op } from '../../../src/program/op.ts';
import type { VectorOp } from '../../../src/program/embeddingOps.ts';
import type { PathPart, TensorTrainPart } from '../../../src/program/operand.ts';
import type { OpBench } from './support.ts';

export type MakeOp = (bench: OpBench) => Op;

/** Two tables of ranks 3 and 2, D = 2·2·5, with a lookup between them that is in neither; vectors of a third field stay 0. */
function trainsOf(t: OpBench) {
  const parts: readonly TensorTrainPart[] = [
    { field: 0, lookup: 4, lookups: 3, rank: 3, factors: [2, 2, 5] },
    { field: 2, lookup: 0, lookups: 3, rank: 2, factors: [5, 2, 2] },
  ];
  const dims = [10, 8, 4, 7, 6, 18, 15];
  const toPlace = dims.map((dim, lookup) => ({ lookup, firstId: 0, rows: 4, dim, projected: false }));
  const layout = layoutEmbedding(t.builder, 'trains', dims.length, 20, toPlace);
  return { layout, parts };
}

/** MLPs of 3 and 4 hidden units at D = 5, with a lookup between them that is in neither. */
function pathsOf(t: OpBench) {
  const parts: readonly PathPart[] = [
    { field: 2, lookup: 0, lookups: 2, hidden: 3 },
    { field: 0, lookup: 3, lookups: 2, hidden: 4 },
  ];
  const dims = [5, 38, 4, 5, 49];
  const toPlace = dims.map((dim, lookup) => ({ lookup, firstId: 0, rows: 4, dim, projected: false }));
  const layout = layoutEmbedding(t.builder, 'paths', dims.length, 5, toPlace);
  return { layout, parts };
}

/** Of the ops that compute vectors. */
export const vectorCases: Readonly<Record<VectorOp['kind'], readonly MakeOp[]>> = {
  'tensor-train': [
    (t) => {
      const { layout, parts } = trainsOf(t);
      return {
        kind: 'tensor-train',
        layout,
        parts,
        gathered: t.random('gathered', t.batch, layout.width),
        vectors: t.zeros('vectors', t.batch, 3, layout.baseDim),
      };
    },
  ],
  path: [
    (t) => {
      const { layout, parts } = pathsOf(t);
      return {
        kind: 'path',
        layout,
        parts,
        gathered: t.random('gathered', t.batch, layout.width),
        hidden: t.zeros('hidden', t.batch, parts.length, 4),
        vectors: t.zeros('vectors', t.batch, 3, layout.baseDim),
      };
    },
  ],
  'path-backward': [
    (t) => {
      const { layout, parts } = pathsOf(t);
      return {
        kind: 'path-backward',
        layout,
        parts,
        gathered: t.random('gathered', t.batch, layout.width),
        hidden: t.random('hidden', t.batch, parts.length, 4),
        dVectors: t.random('dVectors', t.batch, 3, layout.baseDim),
        dHidden: t.zeros('dHidden', t.batch, parts.length, 4),
        dGathered: t.zeros('dGathered', t.batch, layout.width),
      };
    },
  ],
  'hash-encode': [
    (t) => ({
      kind: 'hash-encode',
      data: t.data,
      seed: 5,
      fields: [t.fields - 1, 0],
      out: t.zeros('out', 2 * t.batch, 7),
    }),
  ],
  'put-fields': [
    (t) => ({
      kind: 'put-fields',
      fields: [3, 1],
      taken: t.random('taken', 2 * t.batch, 5),
      vectors: t.zeros('vectors', t.batch, 4, 5),
    }),
  ],
  'take-fields': [
    (t) => ({
      kind: 'take-fields',
      fields: [3, 1],
      vectors: t.random('vectors', t.batch, 4, 5),
      taken: t.zeros('taken', 2 * t.batch, 5),
    }),
  ],
  'tensor-train-backward': [
    (t) => {
      const { layout, parts } = trainsOf(t);
      return {
        kind: 'tensor-train-backward',
        layout,
        parts,
        gathered: t.random('gathered', t.batch, layout.width),
        dVectors: t.random('dVectors', t.batch, 3, layout.baseDim),
        dGathered: t.zeros('dGathered', t.batch, layout.width),
      };
    },
  ],
};
