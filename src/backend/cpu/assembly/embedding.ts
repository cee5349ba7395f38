// Lookups in the flat table tensor and the sparse update of its rows.
// ids u32[B, F]   gathered, dGathered f32[B, width]
import { copyFloats } from './floats';
import { blockOf, dimOf, slotOf, slotWidthOf, stateRowOf, tableRowOf } from './layout';
import { adam, sgd } from './optimizer';

/** gathered[b, slot f, 0 … dim) = the row of the id; 0 in the rest of the slot */
export function gather(
  ids: usize,
  fields: usize,
  blocks: usize,
  tables: usize,
  gathered: usize,
  width: i32,
  B: i32,
  F: i32,
): void {
  for (let b = 0; b < B; b++) {
    for (let f = 0; f < F; f++) {
      const id = load<u32>(ids);
      ids += 4;
      const block = blockOf(fields, blocks, f, id);
      const dim = dimOf(block);
      const to = gathered + slotOf(fields, f);
      copyFloats(to, tables + tableRowOf(block, id), dim);
      const slotWidth = slotWidthOf(fields, f);
      for (let j = dim; j < slotWidth; j++) store<f32>(to + <usize>(4 * j), 0);
    }
    gathered += <usize>(4 * width);
  }
}

/** A batch's update, as ../simd/embedding.ts writes it: words u32[11], then what the last segment was. */
@unmanaged
export class Update {
  ids: usize;
  occurrences: usize;
  starts: usize;
  fields: usize;
  blocks: usize;
  dGathered: usize;
  rowBytes: usize;
  F: u32;
  /** Scratch u32[B·F]: addresses of one segment's gradients. */
  from: usize;
  /** Scratch f32[widest dim]: their sum. */
  sum: usize;
  /** Scratch f32[widest dim]: the row as it was, whose zeros stay; 0: zeros move as others do. */
  before: usize;
  dim: i32;
  stateRow: u32;
}

/** sum[j] = Σ over the segment's occurrences, in the order of the row index, of the gradient. Returns the row's byte offset. */
function sumSegment(update: Update, segment: i32): usize {
  const first = load<u32>(update.starts + <usize>(4 * segment));
  const count = load<u32>(update.starts + <usize>(4 * segment), 4) - first;
  let occurrence = update.occurrences + 4 * <usize>first;
  const id = load<u32>(update.ids + 4 * <usize>load<u32>(occurrence));
  const F = update.F;
  const field = <i32>(load<u32>(occurrence) % F);
  const block = blockOf(update.fields, update.blocks, field, id);
  const dim = dimOf(block);
  update.dim = dim;
  update.stateRow = stateRowOf(block, id);
  const slot = update.dGathered + slotOf(update.fields, field);
  const rowBytes = update.rowBytes;
  const from = update.from;
  const end = from + 4 * <usize>count;
  for (let at = from; at < end; at += 4) {
    store<u32>(at, <u32>(slot + <usize>(load<u32>(occurrence) / F) * rowBytes));
    occurrence += 4;
  }
  // A whole vector may reach past the dim: what it adds there is never used.
  for (let j: usize = 0; j < <usize>(4 * dim); j += 16) {
    let total = f32x4.splat(0);
    for (let at = from; at < end; at += 4) total = f32x4.add(total, v128.load(<usize>load<u32>(at) + j));
    v128.store(update.sum + j, total);
  }
  return tableRowOf(block, id);
}

function rememberRow(update: Update, row: usize): void {
  if (update.before) copyFloats(update.before, row, update.dim);
}

function keepZeros(update: Update, row: usize): void {
  if (!update.before) return;
  for (let j: usize = 0; j < <usize>(4 * update.dim); j += 4) {
    if (load<f32>(update.before + j) == 0) store<f32>(row + j, 0);
  }
}

export function embeddingSgd(update: Update, segments: i32, tables: usize, learningRate: f32): void {
  for (let segment = 0; segment < segments; segment++) {
    const row = sumSegment(update, segment);
    rememberRow(update, tables + row);
    sgd(tables + row, update.sum, update.dim, learningRate);
    keepZeros(update, tables + row);
  }
}

/** One accumulator per row, of the mean square of its gradient (FBGEMM's row-wise Adagrad). */
export function embeddingAdagrad(
  update: Update,
  segments: i32,
  tables: usize,
  accumulators: usize,
  learningRate: f32,
  epsilon: f32,
): void {
  for (let segment = 0; segment < segments; segment++) {
    const row = sumSegment(update, segment);
    let square: f32 = 0;
    for (let j = 0; j < update.dim; j++) {
      const d = load<f32>(update.sum + <usize>(4 * j));
      square += d * d;
    }
    const at = accumulators + 4 * <usize>update.stateRow;
    const accumulated = load<f32>(at) + square / <f32>update.dim;
    store<f32>(at, accumulated);
    rememberRow(update, tables + row);
    sgd(tables + row, update.sum, update.dim, learningRate / (sqrt<f32>(accumulated) + epsilon));
    keepZeros(update, tables + row);
  }
}

export function embeddingAdam(
  update: Update,
  segments: i32,
  tables: usize,
  m: usize,
  v: usize,
  vMax: usize,
  beta1: f32,
  gain1: f32,
  beta2: f32,
  gain2: f32,
  rate: f32,
  root: f32,
  epsilon: f32,
): void {
  for (let segment = 0; segment < segments; segment++) {
    const row = sumSegment(update, segment);
    const max = vMax ? vMax + row : 0;
    rememberRow(update, tables + row);
    adam(tables + row, update.sum, m + row, v + row, max, update.dim, beta1, gain1, beta2, gain2, rate, root, epsilon);
    keepZeros(update, tables + row);
  }
}
