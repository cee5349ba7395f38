import type { BlockLayout, EmbeddingLayout } from '../../program/layout.ts';
import type { OpOf } from '../../program/op.ts';
import type { Kernel } from './kernels.ts';
import type { Memory } from './memory.ts';

/** The block of a field that holds an id; blocks are in id order and at most 16. */
export function blockOf({ fields, blocks }: EmbeddingLayout, field: number, id: number): BlockLayout {
  const { firstBlock, blocks: count } = fields[field];
  let index = firstBlock;
  while (index + 1 < firstBlock + count && blocks[index + 1].firstId <= id) index++;
  return blocks[index];
}

type Visit = (b: number, field: number, block: BlockLayout, row: number) => void;

/** Calls `visit` for every lookup of the batch, example by example; row is within the block. */
function forEachLookup(ids: Uint32Array, layout: EmbeddingLayout, batch: number, slot: number, visit: Visit) {
  const fields = layout.fields.length;
  const start = slot * batch * fields;
  for (let b = 0; b < batch; b++) {
    for (let field = 0; field < fields; field++) {
      const id = ids[start + b * fields + field];
      const block = blockOf(layout, field, id);
      visit(b, field, block, id - block.firstId);
    }
  }
}

export function gather({ data, layout, tables, stored }: OpOf<'gather'>, memory: Memory): Kernel {
  const ids = memory.words(data.ids);
  const TABLES = memory.floats(tables);
  const S = memory.floats(stored);
  const [B, width] = stored.shape;
  return ({ slot }) =>
    forEachLookup(ids, layout, B, slot, (b, field, { dim, tableOffset }, row) => {
      const { slotOffset, slotWidth } = layout.fields[field];
      const from = tableOffset + row * dim;
      const to = b * width + slotOffset;
      for (let j = 0; j < dim; j++) S[to + j] = TABLES[from + j];
      for (let j = dim; j < slotWidth; j++) S[to + j] = 0;
    });
}

export function project(
  { data, layout, stored, projections, vectors }: OpOf<'project'>,
  memory: Memory,
): Kernel {
  const ids = memory.words(data.ids);
  const S = memory.floats(stored);
  const P = memory.floats(projections);
  const V = memory.floats(vectors);
  const [B, F, D] = vectors.shape;
  return ({ slot }) =>
    forEachLookup(ids, layout, B, slot, (b, field, { dim, projectionOffset }) => {
      const from = b * layout.width + layout.fields[field].slotOffset;
      const to = (b * F + field) * D;
      if (projectionOffset < 0) {
        for (let j = 0; j < D; j++) V[to + j] = S[from + j];
        return;
      }
      for (let j = 0; j < D; j++) {
        let sum = 0;
        for (let i = 0; i < dim; i++) sum += S[from + i] * P[projectionOffset + i * D + j];
        V[to + j] = sum;
      }
    });
}

export function projectBackwardInput(
  { data, layout, dVectors, projections, dStored }: OpOf<'project-backward-input'>,
  memory: Memory,
): Kernel {
  const ids = memory.words(data.ids);
  const DV = memory.floats(dVectors);
  const P = memory.floats(projections);
  const DS = memory.floats(dStored);
  const [B, F, D] = dVectors.shape;
  return ({ slot }) =>
    forEachLookup(ids, layout, B, slot, (b, field, { dim, projectionOffset }) => {
      const { slotOffset, slotWidth } = layout.fields[field];
      const from = (b * F + field) * D;
      const to = b * layout.width + slotOffset;
      for (let i = 0; i < slotWidth; i++) {
        if (i >= dim) DS[to + i] = 0;
        else if (projectionOffset < 0) DS[to + i] = DV[from + i];
        else {
          let sum = 0;
          const row = projectionOffset + i * D;
          for (let j = 0; j < D; j++) sum += DV[from + j] * P[row + j];
          DS[to + i] = sum;
        }
      }
    });
}

/** dP_block[i, j] = Σ_b stored[b, i]·dVectors[b, j] over the lookups of the block; examples b < count. */
export function projectBackwardWeight(
  { data, layout, stored, dVectors, dProjections }: OpOf<'project-backward-weight'>,
  memory: Memory,
): Kernel {
  const ids = memory.words(data.ids);
  const S = memory.floats(stored);
  const DV = memory.floats(dVectors);
  const DP = memory.floats(dProjections);
  const [B, F, D] = dVectors.shape;
  const sum = new Float64Array(layout.projectionElements);
  return ({ slot, count }) => {
    sum.fill(0);
    forEachLookup(ids, layout, B, slot, (b, field, { dim, projectionOffset }) => {
      if (projectionOffset < 0 || b >= count) return;
      const from = b * layout.width + layout.fields[field].slotOffset;
      const gradient = (b * F + field) * D;
      for (let i = 0; i < dim; i++) {
        const s = S[from + i];
        const row = projectionOffset + i * D;
        for (let j = 0; j < D; j++) sum[row + j] += s * DV[gradient + j];
      }
    });
    DP.set(sum);
  };
}
