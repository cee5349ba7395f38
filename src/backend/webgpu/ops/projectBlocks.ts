import type { EmbeddingLayout, FieldSlots } from '../../../program/lookup.ts';
import type { OpOf } from '../../../program/op.ts';
import type { DispatchBuilder } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';
import { rowStride } from './embedding.ts';

const common = counts('width', 'fields', 'lookups', 'rowStride', 'baseDim', 'lookupsAt', 'blocksAt');

const projectKernel = {
  shader: 'embedding_project_blocks',
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
      'gatheredAt',
      'projectionsAt',
      'vectorsAt',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    rows: 'read',
    gathered: 'read',
    projections: 'read',
    vectors: 'write',
  }),
};
const projectBackwardInputKernel = {
  shader: 'embedding_project_backward_input_blocks',
  variant: {},
  sizes: uniformStruct({
    ...counts('tiles', 'quads', 'batch'),
    ...common,
    ...counts('quadsAt', 'dVectorsAt', 'projectionsAt', 'dGatheredAt'),
  }),
  buffers: bindings(1, {
    constants: 'read',
    rows: 'read',
    dVectors: 'read',
    projections: 'read',
    dGathered: 'write',
  }),
};

/** For fields of several blocks, where an example's row decides its matrix. */
export function projectBlocks(
  { data, layout, parts, gathered, projections, vectors }: OpOf<'project'>,
  builder: DispatchBuilder,
): Dispatch {
  const [batch, fields, baseDim] = vectors.shape;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const tiles = Math.ceil(batch / 4) * parts.length * Math.ceil(baseDim / 4);
  return dispatch(`project ${vectors.name} blocks`, projectKernel, {
    constants: { THREADS: builder.tuning.threads },
    sizes: {
      tiles,
      batch,
      parts: parts.length,
      width: layout.width,
      fields,
      lookups: layout.lookups.length,
      rowStride: rowStride(data),
      baseDim,
      partsAt: builder.placeWords(parts.flatMap(({ field, lookup }) => [field, lookup])),
      lookupsAt,
      blocksAt,
      gatheredAt: gathered.offset,
      projectionsAt: projections?.offset ?? 0,
      vectorsAt: vectors.offset,
    },
    operands: {
      constants: 'constants',
      rows: data.rows,
      gathered,
      projections: projections ?? 'scratch',
      vectors,
    },
    workgroups: builder.groupsFor(tiles),
  });
}

export function projectBackwardInputBlocks(
  { data, layout, parts, dVectors, projections, dGathered }: OpOf<'project-backward-input'>,
  builder: DispatchBuilder,
): Dispatch {
  const [batch, fields, baseDim] = dVectors.shape;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const words = quadWords(parts, layout);
  const quads = words.length / 4;
  const tiles = Math.ceil(batch / 4) * quads;
  return dispatch(`project-backward-input ${dGathered.name} blocks`, projectBackwardInputKernel, {
    constants: { THREADS: builder.tuning.threads },
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
      quadsAt: builder.placeWords(words),
      dVectorsAt: dVectors.offset,
      projectionsAt: projections?.offset ?? 0,
      dGatheredAt: dGathered.offset,
    },
    operands: {
      constants: 'constants',
      rows: data.rows,
      dVectors,
      projections: projections ?? 'scratch',
      dGathered,
    },
    workgroups: builder.groupsFor(tiles),
  });
}

/** Of every 4 columns of a part's slots: the first of them, the part's field, first lookup and width. */
function quadWords(parts: readonly FieldSlots[], layout: EmbeddingLayout): readonly number[] {
  return parts.flatMap((part) => {
    const { field, lookup } = part;
    const width = widthOf(part, layout);
    return Array.from({ length: Math.ceil(width / 4) }, (_, quad) => [4 * quad, field, lookup, width]).flat();
  });
}

/** Of a part's slots, which lie side by side. */
export function widthOf({ lookup, lookups: count }: FieldSlots, { lookups }: EmbeddingLayout): number {
  return lookups.slice(lookup, lookup + count).reduce((sum, { slotWidth }) => sum + slotWidth, 0);
}
