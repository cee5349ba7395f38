// Projection of stored rows by their block's matrix P[dim, D], and its two gradients, lookup by lookup.
// ids u32[B, F]   stored f32[B, width]   vectors f32[B, F, D]
import { addScaled, copyFloats } from './floats';
import { blockOf, dimOf, NO_PROJECTION, projectionOf, slotOf, slotWidthOf } from './layout';
import { packColumns } from './panel';
import { Epilogue, multiplyRow, ZEROS } from './tile';

/** vectors[b, f, :] = stored[b, slot f, 0 … dim)·P; copied where dim = D */
export function project(
  ids: usize,
  fields: usize,
  blocks: usize,
  stored: usize,
  width: i32,
  projections: usize,
  vectors: usize,
  B: i32,
  F: i32,
  D: i32,
): void {
  const row = <usize>(4 * D);
  for (let b = 0; b < B; b++) {
    for (let f = 0; f < F; f++) {
      const block = blockOf(fields, blocks, f, load<u32>(ids));
      ids += 4;
      const from = stored + slotOf(fields, f);
      const dim = dimOf(block);
      const projection = projectionOf(block);
      if (projection == NO_PROJECTION) copyFloats(vectors, from, D);
      else {
        const matrix = projections + <usize>(4 * projection);
        for (let j = 0; j < D; j += 8) {
          const at = <usize>(4 * j);
          multiplyRow(from, 4, matrix + at, row, dim, ZEROS, vectors + at, D - j, Epilogue.none, 0);
        }
      }
      vectors += row;
    }
    stored += <usize>(4 * width);
  }
}

/**
 * dStored[b, slot f, :] = dVectors[b, f, :]·Pᵀ, 0 past the block's dim; copied where dim = D.
 * Scratch: panels f32[Σ over blocks of 8⌈dim/8⌉·D], panelAt u32[blocks].
 */
export function projectBackwardInput(
  ids: usize,
  fields: usize,
  blocks: usize,
  blockCount: i32,
  dVectors: usize,
  projections: usize,
  dStored: usize,
  width: i32,
  B: i32,
  F: i32,
  D: i32,
  panels: usize,
  panelAt: usize,
): void {
  const row = <usize>(4 * D);
  const panelSize = <usize>(32 * D);
  for (let i = 0; i < blockCount; i++) {
    const block = blocks + <usize>(32 * i);
    const projection = projectionOf(block);
    store<u32>(panelAt + <usize>(4 * i), <u32>panels);
    if (projection == NO_PROJECTION) continue;
    const dim = dimOf(block);
    for (let k = 0; k < dim; k += 8) {
      const matrix = projections + <usize>(4 * projection) + <usize>k * row;
      packColumns(panels, matrix, row, D, min(8, dim - k));
      panels += panelSize;
    }
  }
  for (let b = 0; b < B; b++) {
    for (let f = 0; f < F; f++) {
      const block = blockOf(fields, blocks, f, load<u32>(ids));
      ids += 4;
      const to = dStored + slotOf(fields, f);
      const slotWidth = slotWidthOf(fields, f);
      const dim = dimOf(block);
      if (projectionOf(block) == NO_PROJECTION) copyFloats(to, dVectors, D);
      else {
        let panel = <usize>load<u32>(panelAt + ((block - blocks) >> 3));
        for (let k = 0; k < dim; k += 8) {
          multiplyRow(dVectors, 4, panel, 32, D, ZEROS, to + <usize>(4 * k), dim - k, Epilogue.none, 0);
          panel += panelSize;
        }
      }
      for (let k = dim; k < slotWidth; k++) store<f32>(to + <usize>(4 * k), 0);
      dVectors += row;
    }
    dStored += <usize>(4 * width);
  }
}

/** dP = Σ stored ⊗ dVectors over the lookups of the block in examples b < count, in their order */
export function projectBackwardWeight(
  ids: usize,
  fields: usize,
  blocks: usize,
  stored: usize,
  width: i32,
  dVectors: usize,
  dProjections: usize,
  projectionElements: i32,
  count: i32,
  F: i32,
  D: i32,
): void {
  const row = <usize>(4 * D);
  memory.fill(dProjections, 0, <usize>(4 * projectionElements));
  for (let b = 0; b < count; b++) {
    for (let f = 0; f < F; f++) {
      const block = blockOf(fields, blocks, f, load<u32>(ids));
      ids += 4;
      const projection = projectionOf(block);
      if (projection != NO_PROJECTION) {
        const from = stored + slotOf(fields, f);
        const dim = dimOf(block);
        let to = dProjections + <usize>(4 * projection);
        for (let i = 0; i < dim; i++) {
          addScaled(to, dVectors, load<f32>(from + <usize>(4 * i)), D);
          to += row;
        }
      }
      dVectors += row;
    }
    stored += <usize>(4 * width);
  }
}
