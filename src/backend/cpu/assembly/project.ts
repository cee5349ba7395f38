// Projection of gathered rows by their block's matrix P[dim, D], and its two gradients: a matrix product a
// block. Where a field is one block its rows are multiplied in place, otherwise the block's rows are first
// brought together in `rows` (their dims) and `wide` (their D).
//
// ids  u32[B, F]   fields, blocks: see ./layout   gathered f32[B, width]   vectors f32[B, F, D]
// scratch: examples u32[B], rows f32[B, widest dim], wide f32[B, D], panel f32[max(B, D), 8]
// B: a chunk of the batch's examples, see ../simd/project.ts
import { copyFloats } from './floats';
import { blockCountOf, dimOf, firstBlockOf, holdsId, NO_PROJECTION, projectionOf, slotOf, slotWidthOf } from './layout';
import { decodeRow } from './quantised';
import { packColumns, packRows } from './panel';
import { Epilogue, multiply, ZEROS } from './tile';

/** Lists the examples b < B whose id of the field is in the block. */
function listExamples(examples: usize, ids: usize, B: i32, F: i32, field: i32, block: usize): i32 {
  let count = 0;
  let id = ids + <usize>(4 * field);
  for (let b = 0; b < B; b++) {
    if (holdsId(block, load<u32>(id))) {
      store<u32>(examples + <usize>(4 * count), <u32>b);
      count++;
    }
    id += <usize>(4 * F);
  }
  return count;
}

/** to[i, :] = from[example i, :] */
function collectRows(to: usize, from: usize, stride: usize, examples: usize, count: i32, length: i32): void {
  for (let i = 0; i < count; i++) {
    copyFloats(to, from + <usize>load<u32>(examples + <usize>(4 * i)) * stride, length);
    to += <usize>(4 * length);
  }
}

/** to[example i, :] = from[i, :] */
function spreadRows(to: usize, from: usize, stride: usize, examples: usize, count: i32, length: i32): void {
  for (let i = 0; i < count; i++) {
    copyFloats(to + <usize>load<u32>(examples + <usize>(4 * i)) * stride, from, length);
    from += <usize>(4 * length);
  }
}

/** vectors[b, f, :] = gathered[b, slot f, 0 … dim)·P; copied where dim = D */
export function project(
  ids: usize,
  fields: usize,
  blocks: usize,
  gathered: usize,
  width: i32,
  projections: usize,
  vectors: usize,
  B: i32,
  F: i32,
  D: i32,
  examples: usize,
  rows: usize,
  wide: usize,
  panel: usize,
): void {
  const gatheredRow = <usize>(4 * width);
  const vectorsRow = <usize>(4 * F * D);
  for (let field = 0; field < F; field++) {
    const slot = gathered + slotOf(fields, field);
    const vector = vectors + <usize>(4 * field * D);
    const whole = blockCountOf(fields, field) == 1;
    let block = firstBlockOf(fields, blocks, field);
    for (let i = blockCountOf(fields, field); i > 0; i--, block += 32) {
      const dim = dimOf(block);
      const count = listExamples(examples, ids, B, F, field, block);
      const projection = projectionOf(block);
      if (projection == NO_PROJECTION) {
        collectRows(wide, slot, gatheredRow, examples, count, D);
        spreadRows(vector, wide, vectorsRow, examples, count, D);
        continue;
      }
      const matrix = projections + <usize>(4 * projection);
      if (whole) {
        timesMatrix(slot, gatheredRow, matrix, dim, D, vector, vectorsRow, B, panel);
      } else {
        collectRows(rows, slot, gatheredRow, examples, count, dim);
        timesMatrix(rows, <usize>(4 * dim), matrix, dim, D, wide, <usize>(4 * D), count, panel);
        spreadRows(vector, wide, vectorsRow, examples, count, D);
      }
    }
  }
}

/** to[count, D] = from[count, dim]·P */
function timesMatrix(
  from: usize,
  fromRow: usize,
  matrix: usize,
  dim: i32,
  D: i32,
  to: usize,
  toRow: usize,
  count: i32,
  panel: usize,
): void {
  for (let j = 0; j < D; j += 8) {
    const at = <usize>(4 * j);
    packRows(panel, matrix + at, <usize>(4 * D), dim);
    multiply(from, fromRow, 4, count, panel, dim, ZEROS, 0, to + at, toRow, D - j, Epilogue.none, 0, 0);
  }
}

/** dGathered[b, slot f, :] = dVectors[b, f, :]·Pᵀ, 0 past the block's dim; copied where dim = D */
export function projectBackwardInput(
  ids: usize,
  fields: usize,
  blocks: usize,
  dGathered: usize,
  width: i32,
  projections: usize,
  dVectors: usize,
  B: i32,
  F: i32,
  D: i32,
  examples: usize,
  rows: usize,
  wide: usize,
  panel: usize,
): void {
  const gatheredRow = <usize>(4 * width);
  const vectorsRow = <usize>(4 * F * D);
  for (let field = 0; field < F; field++) {
    const slot = dGathered + slotOf(fields, field);
    const slotWidth = slotWidthOf(fields, field);
    const vector = dVectors + <usize>(4 * field * D);
    const whole = blockCountOf(fields, field) == 1;
    let block = firstBlockOf(fields, blocks, field);
    for (let i = blockCountOf(fields, field); i > 0; i--, block += 32) {
      const dim = dimOf(block);
      const count = listExamples(examples, ids, B, F, field, block);
      const projection = projectionOf(block);
      if (projection == NO_PROJECTION) {
        collectRows(wide, vector, vectorsRow, examples, count, D);
        spreadRows(slot, wide, gatheredRow, examples, count, D);
        continue;
      }
      const matrix = projections + <usize>(4 * projection);
      if (whole) {
        timesTransposed(vector, vectorsRow, matrix, dim, D, slot, gatheredRow, B, panel);
      } else {
        collectRows(wide, vector, vectorsRow, examples, count, D);
        timesTransposed(wide, <usize>(4 * D), matrix, dim, D, rows, <usize>(4 * dim), count, panel);
        spreadRows(slot, rows, gatheredRow, examples, count, dim);
        clearPast(slot + <usize>(4 * dim), gatheredRow, examples, count, slotWidth - dim);
      }
    }
  }
}

/** to[count, dim] = from[count, D]·Pᵀ */
function timesTransposed(
  from: usize,
  fromRow: usize,
  matrix: usize,
  dim: i32,
  D: i32,
  to: usize,
  toRow: usize,
  count: i32,
  panel: usize,
): void {
  const row = <usize>(4 * D);
  for (let k = 0; k < dim; k += 8) {
    packColumns(panel, matrix + <usize>k * row, row, D, min(8, dim - k));
    const target = to + <usize>(4 * k);
    multiply(from, fromRow, 4, count, panel, D, ZEROS, 0, target, toRow, dim - k, Epilogue.none, 0, 0);
  }
}

function clearPast(to: usize, stride: usize, examples: usize, count: i32, length: i32): void {
  for (let i = 0; i < count; i++) {
    const row = to + <usize>load<u32>(examples + <usize>(4 * i)) * stride;
    for (let j = 0; j < length; j++) store<f32>(row + <usize>(4 * j), 0);
  }
}

/**
 * dP = gathered[b, slot f, 0 … dim)ᵀ·dVectors[b, f, :] over the lookups of the block in `count` examples
 * bits not 0: gathered are codes, deviations f32[F] those of the slots. more: added to the dP that is there.
 */
export function projectBackwardWeight(
  ids: usize,
  fields: usize,
  blocks: usize,
  gathered: usize,
  width: i32,
  dProjections: usize,
  dVectors: usize,
  count: i32,
  F: i32,
  D: i32,
  examples: usize,
  rows: usize,
  wide: usize,
  panel: usize,
  bits: i32,
  deviations: usize,
  more: bool,
): void {
  const gatheredRow = <usize>(4 * width);
  const vectorsRow = <usize>(4 * F * D);
  for (let field = 0; field < F; field++) {
    const slot = gathered + slotOf(fields, field);
    const vector = dVectors + <usize>(4 * field * D);
    const whole = blockCountOf(fields, field) == 1;
    let block = firstBlockOf(fields, blocks, field);
    for (let i = blockCountOf(fields, field); i > 0; i--, block += 32) {
      const projection = projectionOf(block);
      if (projection == NO_PROJECTION) continue;
      const dim = dimOf(block);
      const matrix = dProjections + <usize>(4 * projection);
      if (bits) {
        const own = listExamples(examples, ids, count, F, field, block);
        const first = <i32>(slotOf(fields, field) >> 2);
        decodeRowsOf(rows, gathered, first, width, examples, own, dim, bits, load<f32>(deviations + <usize>(4 * field)));
        collectRows(wide, vector, vectorsRow, examples, own, D);
        outerProducts(rows, <usize>(4 * dim), wide, <usize>(4 * D), own, matrix, dim, D, panel, more);
      } else if (whole) {
        outerProducts(slot, gatheredRow, vector, vectorsRow, count, matrix, dim, D, panel, more);
      } else {
        const own = listExamples(examples, ids, count, F, field, block);
        collectRows(rows, slot, gatheredRow, examples, own, dim);
        collectRows(wide, vector, vectorsRow, examples, own, D);
        outerProducts(rows, <usize>(4 * dim), wide, <usize>(4 * D), own, matrix, dim, D, panel, more);
      }
    }
  }
}

/** to[i, :] = the codes of example i from its element `first` on. */
function decodeRowsOf(
  to: usize,
  codes: usize,
  first: i32,
  width: i32,
  examples: usize,
  count: i32,
  length: i32,
  bits: i32,
  deviation: f32,
): void {
  for (let i = 0; i < count; i++) {
    const row = <i32>load<u32>(examples + <usize>(4 * i)) * width;
    decodeRow(to, codes, row + first, length, bits, deviation);
    to += <usize>(4 * length);
  }
}

/** matrix[dim, D] = from[count, dim]ᵀ·by[count, D], added to the matrix if `more`. */
function outerProducts(
  from: usize,
  fromRow: usize,
  by: usize,
  byRow: usize,
  count: i32,
  matrix: usize,
  dim: i32,
  D: i32,
  panel: usize,
  more: bool,
): void {
  const row = <usize>(4 * D);
  const startStride = more ? row : 0;
  for (let j = 0; j < D; j += 8) {
    const to = matrix + <usize>(4 * j);
    const start = more ? to : ZEROS;
    packRows(panel, by + <usize>(4 * j), byRow, count);
    multiply(from, 4, fromRow, dim, panel, count, start, startStride, to, row, D - j, Epilogue.none, 0, 0);
  }
}
