import type { EmbeddingLayout } from '../../../program/layout.ts';
import type { Part } from '../../../program/op.ts';
import { elementCount } from '../../../program/tensor.ts';
import { bindings, dispatch } from '../kernel.ts';
import { type OpPlanner, partsFor } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';
import { rowStride } from './embedding.ts';
import { sumParts } from './linear.ts';

const common = counts('width', 'fields', 'lookups', 'rowStride', 'baseDim', 'lookupsAt', 'blocksAt');

const projectKernel = {
  shader: 'embedding_project',
  variant: {},
  sizes: uniformStruct(
    counts(
      'tiles',
      'batch',
      'parts',
      'width',
      'fields',
      'lookups',
      'rowStride',
      'baseDim',
      'partsAt',
      'lookupsAt',
      'blocksAt',
      'storedAt',
      'projectionsAt',
      'vectorsAt',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    rows: 'read',
    stored: 'read',
    projections: 'read',
    vectors: 'write',
  }),
};
const projectBackwardInputKernel = {
  shader: 'embedding_project_backward_input',
  variant: {},
  sizes: uniformStruct({
    ...counts('tiles', 'quads', 'batch'),
    ...common,
    ...counts('quadsAt', 'dVectorsAt', 'projectionsAt', 'dStoredAt'),
  }),
  buffers: bindings(1, {
    constants: 'read',
    rows: 'read',
    dVectors: 'read',
    projections: 'read',
    dStored: 'write',
  }),
};
const projectBackwardWeightKernel = {
  shader: 'embedding_project_backward_weight',
  variant: {},
  sizes: uniformStruct(
    counts(
      'threads',
      'rowTiles',
      'parts',
      'width',
      'fields',
      'lookups',
      'batchLookups',
      'rowStride',
      'baseDim',
      'lookupsAt',
      'blocksAt',
      'tilesAt',
      'storedAt',
      'dVectorsAt',
      'outAt',
      'partStride',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    rows: 'read',
    occurrences: 'read',
    stored: 'read',
    dVectors: 'read',
    out: 'write',
  }),
};

export const project: OpPlanner<'project'> = (
  { data, layout, parts, stored, projections, vectors },
  planner,
) => {
  const [batch, fields, baseDim] = vectors.shape;
  const { lookupsAt, blocksAt } = planner.placeLayout(layout);
  const tiles = Math.ceil(batch / 4) * parts.length * Math.ceil(baseDim / 4);
  return [
    dispatch(`project ${vectors.name}`, projectKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        tiles,
        batch,
        parts: parts.length,
        width: layout.width,
        fields,
        lookups: layout.lookups.length,
        rowStride: rowStride(data),
        baseDim,
        partsAt: planner.placeWords(parts.flatMap(({ field, lookup }) => [field, lookup])),
        lookupsAt,
        blocksAt,
        storedAt: stored.offset,
        projectionsAt: projections?.offset ?? 0,
        vectorsAt: vectors.offset,
      },
      operands: {
        constants: 'constants',
        rows: data.rows,
        stored,
        projections: projections ?? 'scratch',
        vectors,
      },
      workgroups: planner.groupsFor(tiles),
    }),
  ];
};

export const projectBackwardInput: OpPlanner<'project-backward-input'> = (
  { data, layout, parts, dVectors, projections, dStored },
  planner,
) => {
  const [batch, fields, baseDim] = dVectors.shape;
  const { lookupsAt, blocksAt } = planner.placeLayout(layout);
  const words = quadWords(parts, layout);
  const quads = words.length / 4;
  const tiles = Math.ceil(batch / 4) * quads;
  return [
    dispatch(`project-backward-input ${dStored.name}`, projectBackwardInputKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        tiles,
        quads,
        batch,
        width: layout.width,
        fields,
        lookups: layout.lookups.length,
        rowStride: rowStride(data),
        baseDim,
        lookupsAt,
        blocksAt,
        quadsAt: planner.placeWords(words),
        dVectorsAt: dVectors.offset,
        projectionsAt: projections?.offset ?? 0,
        dStoredAt: dStored.offset,
      },
      operands: {
        constants: 'constants',
        rows: data.rows,
        dVectors,
        projections: projections ?? 'scratch',
        dStored,
      },
      workgroups: planner.groupsFor(tiles),
    }),
  ];
};

/** Of every 4 columns of a part's slots: the first of them, the part's field, first lookup and width. */
function quadWords(parts: readonly Part[], { lookups }: EmbeddingLayout): readonly number[] {
  return parts.flatMap(({ field, lookup, lookups: count }) => {
    const width = lookups.slice(lookup, lookup + count).reduce((sum, { slotWidth }) => sum + slotWidth, 0);
    return Array.from({ length: Math.ceil(width / 4) }, (_, quad) => [4 * quad, field, lookup, width]).flat();
  });
}

export const projectBackwardWeight: OpPlanner<'project-backward-weight'> = (op, planner) => {
  const { data, layout, stored, dVectors, dProjections } = op;
  const [batch, fields, baseDim] = dVectors.shape;
  const { lookupsAt, blocksAt } = planner.placeLayout(layout);
  const lookups = layout.lookups.length;
  const elements = elementCount(dProjections);
  const tileWords = wordsOfTiles(op.parts, layout);
  const rowTiles = tileWords.length / 3;
  const tiles = rowTiles * Math.ceil(baseDim / 4);
  const parts = partsFor(planner.tuning, tiles, batch, elements);
  const split = parts > 1;
  if (split) planner.reserveScratch(parts * elements);
  const label = `project-backward-weight ${dProjections.name}`;
  const products = dispatch(label, projectBackwardWeightKernel, {
    constants: { THREADS: planner.tuning.threads },
    sizes: {
      threads: parts * tiles,
      rowTiles,
      parts,
      width: layout.width,
      fields,
      lookups,
      batchLookups: batch * lookups,
      rowStride: rowStride(data),
      baseDim,
      lookupsAt,
      blocksAt,
      tilesAt: planner.placeWords(tileWords),
      storedAt: stored.offset,
      dVectorsAt: dVectors.offset,
      outAt: split ? 0 : dProjections.offset,
      partStride: elements,
    },
    operands: {
      constants: 'constants',
      rows: data.rows,
      occurrences: data.plan.occurrences,
      stored,
      dVectors,
      out: split ? 'scratch' : dProjections,
    },
    workgroups: planner.groupsFor(parts * tiles),
  });
  if (!split) return [products];
  const sizes = { elements, parts, stride: elements, first: 0, outAt: dProjections.offset };
  return [products, sumParts(planner, `${label} sum`, dProjections, sizes)];
};

/** Of every 4 rows of a projection: its block, the first of the rows, and the field it makes vectors of. */
function wordsOfTiles(parts: readonly Part[], { lookups, blocks }: EmbeddingLayout): readonly number[] {
  return parts.flatMap(({ field, lookup }) => {
    const { firstBlock, blocks: count } = lookups[lookup];
    return blocks.slice(firstBlock, firstBlock + count).flatMap(({ dim, projectionOffset }, i) => {
      const tiles = projectionOffset < 0 ? 0 : Math.ceil(dim / 4);
      return Array.from({ length: tiles }, (_, tile) => [firstBlock + i, 4 * tile, field]).flat();
    });
  });
}
