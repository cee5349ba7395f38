import type { EmbeddingLayout, FieldSlots } from '../../../program/lookup.ts';
import type { OpOf } from '../../../program/op.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';
import { type Cut, cutProducts, productOf, quadsOf, splitNarrow } from './product.ts';
import { projectBackwardInputBlocks, projectBlocks, widthOf } from './projectBlocks.ts';

const commonSizes = counts('tiles', 'partTiles', 'partsAt', 'batch', 'width', 'fields', 'baseDim');

const projectKernel = {
  shader: 'embedding_project',
  sizes: uniformStruct({ ...commonSizes, ...counts('gatheredAt', 'projectionsAt', 'vectorsAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', projections: 'read', vectors: 'write' }),
};
const projectBackwardInputKernel = {
  shader: 'embedding_project_backward_input',
  sizes: uniformStruct({ ...commonSizes, ...counts('dVectorsAt', 'projectionsAt', 'dGatheredAt') }),
  buffers: bindings(1, { constants: 'read', dVectors: 'read', projections: 'read', dGathered: 'write' }),
};

/** Quads of a tile along the dims of parts, which differ: narrow parts leave the rest without work. */
export const DIM_QUADS = 4;
const NO_PROJECTION = 0xffffffff;

/** A product for all parts whose examples share one matrix, and a kernel for those whose rows choose one. */
export const project: OpLowering<'project'> = (op, builder) => {
  const { layout, gathered, projections, vectors } = op;
  const [batch, , baseDim] = vectors.shape;
  const { shared, chosen } = splitParts(op.parts, layout);
  const dispatches: Dispatch[] = [];
  if (shared.length > 0) {
    const cut = cutProducts(builder.tuning, { left: quadsOf(batch), right: quadsOf(baseDim) });
    const { sizes, ...common } = commonOf(
      op,
      vectors,
      cut,
      partWords(shared, layout, cut, () => baseDim),
      builder,
    );
    dispatches.push(
      dispatch(`project ${vectors.name}`, productOf(projectKernel, cut), {
        ...common,
        sizes: { ...sizes, gatheredAt: gathered.offset, vectorsAt: vectors.offset },
        operands: { constants: 'constants', gathered, projections: projections ?? 'scratch', vectors },
      }),
    );
  }
  if (chosen.length > 0) dispatches.push(projectBlocks({ ...op, parts: chosen }, builder));
  return dispatches;
};

export const projectBackwardInput: OpLowering<'project-backward-input'> = (op, builder) => {
  const { layout, dVectors, projections, dGathered } = op;
  const [batch] = dVectors.shape;
  const { shared, chosen } = splitParts(op.parts, layout);
  const columnQuads = (part: FieldSlots): number => quadsOf(widthOf(part, layout));
  const groups = shared.length > 0 ? splitNarrow(builder.tuning, shared, columnQuads) : [];
  const dispatches = groups.map((parts): Dispatch => {
    const widths = parts.map(columnQuads);
    const right = Math.min(DIM_QUADS, Math.max(...widths));
    const cut = cutProducts(builder.tuning, { left: quadsOf(batch), right, widths });
    const words = partWords(parts, layout, cut, (part) => widthOf(part, layout));
    const { sizes, ...common } = commonOf(op, dVectors, cut, words, builder);
    return dispatch(`project-backward-input ${dGathered.name}`, productOf(projectBackwardInputKernel, cut), {
      ...common,
      sizes: { ...sizes, dVectorsAt: dVectors.offset, dGatheredAt: dGathered.offset },
      operands: { constants: 'constants', dVectors, projections: projections ?? 'scratch', dGathered },
    });
  });
  if (chosen.length > 0) dispatches.push(projectBackwardInputBlocks({ ...op, parts: chosen }, builder));
  return dispatches;
};

/** What both products give their kernels, for parts in `words`. */
function commonOf(
  { layout, projections }: OpOf<'project' | 'project-backward-input'>,
  { shape: [batch, fields, baseDim] }: Tensor,
  cut: Cut,
  words: readonly number[],
  builder: DispatchBuilder,
) {
  const partTiles = words.length / PART_WORDS;
  const tiles = partTiles * Math.ceil(quadsOf(batch) / cut.left);
  const sizes = {
    tiles,
    partTiles,
    partsAt: builder.placeWords(words),
    batch,
    width: layout.width,
    fields,
    baseDim,
    projectionsAt: projections?.offset ?? 0,
  };
  return { constants: cut.constants, sizes, workgroups: cut.workgroups(tiles) };
}

/** Parts of one block, whose examples share one matrix, and parts whose rows choose one. */
function splitParts(parts: readonly FieldSlots[], { lookups }: EmbeddingLayout) {
  const isShared = ({ lookup }: FieldSlots) => lookups[lookup].blocks === 1;
  return { shared: parts.filter(isShared), chosen: parts.filter((part) => !isShared(part)) };
}

const PART_WORDS = 5;

/** See shaders/embedding_part.wgsl. */
function partWords(
  parts: readonly FieldSlots[],
  layout: EmbeddingLayout,
  cut: Cut,
  columnsOf: (part: FieldSlots) => number,
): readonly number[] {
  return parts.flatMap((part) => {
    const { firstBlock, slotOffset } = layout.lookups[part.lookup];
    const { projectionOffset } = layout.blocks[firstBlock];
    const projection = projectionOffset < 0 ? NO_PROJECTION : projectionOffset;
    const columnTiles = cut.columnTiles(quadsOf(columnsOf(part)));
    return Array.from({ length: columnTiles }, (_, tile) => [
      part.field,
      slotOffset,
      widthOf(part, layout),
      projection,
      tile * cut.right,
    ]).flat();
  });
}
