// Packing: eight columns of a matrix side by side, so that the inner kernel reads them in a line.
// Columns past the edge carry neighbouring numbers; their sums are never stored.

/** panel[step, j] = source[step, j]; rows of the source are `stride` bytes apart. */
export function packRows(panel: usize, source: usize, stride: usize, steps: i32): void {
  for (let step = 0; step < steps; step++) {
    v128.store(panel, v128.load(source));
    v128.store(panel, v128.load(source, 16), 16);
    source += stride;
    panel += 32;
  }
}

/** panel[step, j] = source[j, step] for `columns` rows of the source; the rest repeats the last. */
export function packColumns(panel: usize, source: usize, stride: usize, steps: i32, columns: i32): void {
  packColumnsUnder(panel, source, source, stride, steps, columns);
}

/** The same with row 0 of the source at `first`, and row j > 0 at source + j·stride. */
export function packColumnsUnder(
  panel: usize,
  first: usize,
  source: usize,
  stride: usize,
  steps: i32,
  columns: i32,
): void {
  const last = columns - 1;
  const row1 = last > 0 ? source + stride : first;
  const row2 = last > 1 ? row1 + stride : row1;
  const row3 = last > 2 ? row2 + stride : row2;
  const row4 = last > 3 ? row3 + stride : row3;
  const row5 = last > 4 ? row4 + stride : row4;
  const row6 = last > 5 ? row5 + stride : row5;
  const row7 = last > 6 ? row6 + stride : row6;
  packFour(panel, first, row1, row2, row3, steps);
  packFour(panel + 16, row4, row5, row6, row7, steps);
}

/** Four columns of the panel, four steps at a time by a 4 × 4 transposition. */
function packFour(panel: usize, row0: usize, row1: usize, row2: usize, row3: usize, steps: i32): void {
  let at: usize = 0;
  let step = 0;
  for (; step + 4 <= steps; step += 4) {
    const r0 = v128.load(row0 + at);
    const r1 = v128.load(row1 + at);
    const r2 = v128.load(row2 + at);
    const r3 = v128.load(row3 + at);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(panel, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(panel, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96);
    at += 16;
    panel += 128;
  }
  for (; step < steps; step++) {
    store<f32>(panel, load<f32>(row0 + at));
    store<f32>(panel, load<f32>(row1 + at), 4);
    store<f32>(panel, load<f32>(row2 + at), 8);
    store<f32>(panel, load<f32>(row3 + at), 12);
    at += 4;
    panel += 32;
  }
}

const SUMS: usize = memory.data(32, 16);

/** out[j] = Σ_step panel[step, j], added to out[j] if `more`, for `columns` of the eight. */
export function sumColumns(out: usize, panel: usize, steps: i32, columns: i32, more: bool): void {
  let left = f32x4.splat(0);
  let right = f32x4.splat(0);
  if (more) {
    left = v128.load(out);
    right = v128.load(out, 16);
  }
  for (let step = 0; step < steps; step++) {
    left = f32x4.add(left, v128.load(panel));
    right = f32x4.add(right, v128.load(panel, 16));
    panel += 32;
  }
  v128.store(SUMS, left);
  v128.store(SUMS, right, 16);
  memory.copy(out, SUMS, <usize>(4 * columns));
}
