import type { EmbeddingLayout, FieldSlots } from '../../../program/lookup.ts';
import { elementCount } from '../../../program/tensor.ts';
import { type OpLowering, partsFor } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';
import { rowStride } from './embedding.ts';
import { sumParts } from './linear.ts';
import { type Cut, cutProducts, productOf, quadsOf, splitNarrow } from './product.ts';
import { DIM_QUADS } from './project.ts';
import { bindSaved, FIRST_UNSAVED_BINDING, savedKernel } from './quantisedActivation.ts';

const projectBackwardWeightKernel = {
  shader: 'embedding_project_backward_weight',
  sizes: uniformStruct(
    counts(
      'tiles',
      'rowTiles',
      'columnTiles',
      'parts',
      'width',
      'fields',
      'lookups',
      'batchLookups',
      'rowStride',
      'baseDim',
      'lookupsAt',
      'blocksAt',
      'rowTilesAt',
      'gatheredAt',
      'dVectorsAt',
      'outAt',
      'partStride',
    ),
  ),
  buffers: bindings(FIRST_UNSAVED_BINDING, {
    constants: 'read',
    rows: 'read',
    occurrences: 'read',
    dVectors: 'read',
    out: 'write',
  }),
};

export const projectBackwardWeight: OpLowering<'project-backward-weight'> = (op, builder) => {
  const { data, layout, gathered, dVectors, dProjections } = op;
  const [batch, fields, baseDim] = dVectors.shape;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const lookups = layout.lookups.length;
  const elements = elementCount(dProjections);
  const threads = quadsOf(elements / baseDim) * quadsOf(baseDim);
  const parts = partsFor(builder.tuning, threads, batch, elements);
  const split = parts > 1;
  if (split) builder.reserveScratch(parts * elements);
  const label = `project-backward-weight ${dProjections.name}`;
  const saved = bindSaved(gathered);
  const groups = splitNarrow(builder.tuning, projectionsOf(op.parts, layout), rowQuads);
  const products = groups.map((projections): Dispatch => {
    const left = Math.min(DIM_QUADS, Math.max(...projections.map(rowQuads)));
    const cut = cutProducts(builder.tuning, { left, right: quadsOf(baseDim) });
    const words = projections.flatMap((projection) => rowTileWords(projection, cut));
    const rowTiles = words.length / 4;
    const columnTiles = cut.columnTiles(quadsOf(baseDim));
    const tiles = parts * rowTiles * columnTiles;
    return dispatch(label, savedKernel(productOf(projectBackwardWeightKernel, cut), saved), {
      constants: { ...cut.constants, ...saved.constants },
      sizes: {
        tiles,
        rowTiles,
        columnTiles,
        parts,
        width: layout.width,
        fields,
        lookups,
        batchLookups: batch * lookups,
        rowStride: rowStride(data),
        baseDim,
        lookupsAt,
        blocksAt,
        rowTilesAt: builder.placeWords(words),
        gatheredAt: saved.at,
        dVectorsAt: dVectors.offset,
        outAt: split ? 0 : dProjections.offset,
        partStride: elements,
      },
      operands: {
        constants: 'constants',
        rows: data.rows,
        occurrences: data.rowIndex.occurrences,
        ...saved.operands,
        dVectors,
        out: split ? 'scratch' : dProjections,
      },
      workgroups: cut.workgroups(tiles),
    });
  });
  if (!split) return products;
  const sizes = { elements, parts, stride: elements, first: 0, outAt: dProjections.offset };
  return [...products, sumParts(builder, `${label} sum`, dProjections, sizes)];
};

const rowQuads = ({ dim }: Projection): number => quadsOf(dim);

/** The projection of a block, of the field that it makes vectors of. */
interface Projection {
  readonly block: number;
  readonly dim: number;
  readonly field: number;
  /** Of the slot. */
  readonly group: number;
}

function projectionsOf(
  parts: readonly FieldSlots[],
  { lookups, blocks }: EmbeddingLayout,
): readonly Projection[] {
  return parts.flatMap(({ field, lookup }) => {
    const { firstBlock, blocks: count, slotOffset } = lookups[lookup];
    const group = lookups.filter((other) => other.slotWidth > 0 && other.slotOffset < slotOffset).length;
    return blocks
      .slice(firstBlock, firstBlock + count)
      .map(({ dim, projectionOffset }, i) => ({ block: firstBlock + i, dim, projectionOffset }))
      .filter(({ projectionOffset }) => projectionOffset >= 0)
      .map(({ block, dim }) => ({ block, dim, field, group }));
  });
}

/** Of every tile of a projection's rows: its block, the first quad of them, the field, and the group of the slot. */
function rowTileWords({ block, dim, field, group }: Projection, cut: Cut): readonly number[] {
  const tiles = Math.ceil(quadsOf(dim) / cut.left);
  return Array.from({ length: tiles }, (_, tile) => [block, tile * cut.left, field, group]).flat();
}
