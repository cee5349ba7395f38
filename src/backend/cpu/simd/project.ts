import { batchCopier } from './batchCopier.ts';
import { panelBytes, type SimdOp, tiles } from './simdOp.ts';

export const project: SimdOp<'project'> = {
  scratch: ({ vectors: { shape } }) => [idBytes(shape)],
  make({ data, layout, stored, projections, vectors }, context, [ids]) {
    const { kernels, address } = context;
    const [FIELDS, BLOCKS] = [layout.fieldTable, layout.blockTable].map(address);
    const [S, P, V] = [stored, projections, vectors].map(address);
    const [B, F, D] = vectors.shape;
    const copyIds = batchCopier(data.ids, ids, B * F, context);
    return ({ slot }) => {
      copyIds(slot);
      kernels.project(ids, FIELDS, BLOCKS, S, layout.width, P, V, B, F, D);
    };
  },
};

export const projectBackwardInput: SimdOp<'project-backward-input'> = {
  scratch({ dVectors: { shape }, layout: { blocks } }) {
    const projected = blocks.filter((block) => block.projectionOffset >= 0);
    const panels = projected.reduce((sum, { dim }) => sum + tiles(dim) * panelBytes(shape[2]), 0);
    return [idBytes(shape), panels, 4 * blocks.length];
  },
  make({ data, layout, dVectors, projections, dStored }, context, [ids, panels, panelAt]) {
    const { kernels, address } = context;
    const [FIELDS, BLOCKS] = [layout.fieldTable, layout.blockTable].map(address);
    const [DV, P, DS] = [dVectors, projections, dStored].map(address);
    const [B, F, D] = dVectors.shape;
    const blocks = layout.blocks.length;
    const fixed = [FIELDS, BLOCKS, blocks, DV, P, DS, layout.width, B, F, D, panels, panelAt];
    const copyIds = batchCopier(data.ids, ids, B * F, context);
    return ({ slot }) => {
      copyIds(slot);
      kernels.projectBackwardInput(ids, ...fixed);
    };
  },
};

export const projectBackwardWeight: SimdOp<'project-backward-weight'> = {
  scratch: ({ dVectors: { shape } }) => [idBytes(shape)],
  make({ data, layout, stored, dVectors, dProjections }, context, [ids]) {
    const { kernels, address } = context;
    const [FIELDS, BLOCKS] = [layout.fieldTable, layout.blockTable].map(address);
    const [S, DV, DP] = [stored, dVectors, dProjections].map(address);
    const [B, F, D] = dVectors.shape;
    const fixed = [FIELDS, BLOCKS, S, layout.width, DV, DP, layout.projectionElements];
    const copyIds = batchCopier(data.ids, ids, B * F, context);
    return ({ slot, count }) => {
      copyIds(slot);
      kernels.projectBackwardWeight(ids, ...fixed, count, F, D);
    };
  },
};

const idBytes = ([B, F]: readonly number[]): number => 4 * B * F;
