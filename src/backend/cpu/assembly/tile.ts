// The one inner kernel of every matrix product: c = epilogue(start + a·panel), four rows by eight
// columns held in registers while the steps run, then two rows and one of what is left.
//
// a      element (row, step) lies at a + row·rowStride + step·stepStride: either way round
// panel  f32[steps, 8], packed, read once for every four rows
// start  f32[rows, 8] by startStride: 0 repeats one row (a bias, or zeros), c itself accumulates
// Strides are in bytes. An element is summed over the steps in order, whatever the tile it falls
// in: the same bits for every batch and on every machine (no relaxed SIMD).

export const enum Epilogue {
  none,
  /** 0 where the sum is not above 0. */
  relu,
  /** 0 where mask, f32[rows, 8] by maskStride, is not above 0. */
  mask,
}

/** Eight zeros: the start of sums without a bias. */
export const ZEROS: usize = memory.data(32, 16);
/** Where a row that is narrower than the tile is cut. */
const ROW: usize = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function keepPositive(value: v128, guard: v128): v128 {
  return v128.and(value, f32x4.gt(guard, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, left: v128, right: v128, columns: i32, epilogue: Epilogue, mask: usize): void {
  if (epilogue == Epilogue.relu) {
    left = keepPositive(left, left);
    right = keepPositive(right, right);
  } else if (epilogue == Epilogue.mask) {
    left = keepPositive(left, v128.load(mask));
    right = keepPositive(right, v128.load(mask, 16));
  }
  if (columns >= 8) {
    v128.store(c, left);
    v128.store(c, right, 16);
  } else {
    v128.store(ROW, left);
    v128.store(ROW, right, 16);
    for (let j: usize = 0; j < <usize>columns; j++) store<f32>(c + 4 * j, load<f32>(ROW + 4 * j));
  }
}

function fourRows(
  a: usize,
  rowStride: usize,
  stepStride: usize,
  panel: usize,
  steps: usize,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
  columns: i32,
  epilogue: Epilogue,
  mask: usize,
  maskStride: usize,
): void {
  let a1 = a + rowStride;
  let a2 = a1 + rowStride;
  let a3 = a2 + rowStride;
  let left0 = v128.load(start);
  let right0 = v128.load(start, 16);
  start += startStride;
  let left1 = v128.load(start);
  let right1 = v128.load(start, 16);
  start += startStride;
  let left2 = v128.load(start);
  let right2 = v128.load(start, 16);
  start += startStride;
  let left3 = v128.load(start);
  let right3 = v128.load(start, 16);
  const end = panel + 32 * steps;
  while (panel < end) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    left0 = f32x4.add(left0, f32x4.mul(x0, left));
    right0 = f32x4.add(right0, f32x4.mul(x0, right));
    a += stepStride;
    const x1 = v128.load32_splat(a1);
    left1 = f32x4.add(left1, f32x4.mul(x1, left));
    right1 = f32x4.add(right1, f32x4.mul(x1, right));
    a1 += stepStride;
    const x2 = v128.load32_splat(a2);
    left2 = f32x4.add(left2, f32x4.mul(x2, left));
    right2 = f32x4.add(right2, f32x4.mul(x2, right));
    a2 += stepStride;
    const x3 = v128.load32_splat(a3);
    left3 = f32x4.add(left3, f32x4.mul(x3, left));
    right3 = f32x4.add(right3, f32x4.mul(x3, right));
    a3 += stepStride;
    panel += 32;
  }
  storeRow(c, left0, right0, columns, epilogue, mask);
  c += cStride;
  mask += maskStride;
  storeRow(c, left1, right1, columns, epilogue, mask);
  c += cStride;
  mask += maskStride;
  storeRow(c, left2, right2, columns, epilogue, mask);
  c += cStride;
  mask += maskStride;
  storeRow(c, left3, right3, columns, epilogue, mask);
}

/** What is left of four rows: one alone waits for its own sums, two take as long together. */
function twoRows(
  a: usize,
  rowStride: usize,
  stepStride: usize,
  panel: usize,
  steps: usize,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
  columns: i32,
  epilogue: Epilogue,
  mask: usize,
  maskStride: usize,
): void {
  let a1 = a + rowStride;
  let left0 = v128.load(start);
  let right0 = v128.load(start, 16);
  start += startStride;
  let left1 = v128.load(start);
  let right1 = v128.load(start, 16);
  const end = panel + 32 * steps;
  while (panel < end) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    left0 = f32x4.add(left0, f32x4.mul(x0, left));
    right0 = f32x4.add(right0, f32x4.mul(x0, right));
    a += stepStride;
    const x1 = v128.load32_splat(a1);
    left1 = f32x4.add(left1, f32x4.mul(x1, left));
    right1 = f32x4.add(right1, f32x4.mul(x1, right));
    a1 += stepStride;
    panel += 32;
  }
  storeRow(c, left0, right0, columns, epilogue, mask);
  storeRow(c + cStride, left1, right1, columns, epilogue, mask + maskStride);
}

/** One row of a·panel, where the panel's rows are `panelStride` apart. */
export function multiplyRow(
  a: usize,
  stepStride: usize,
  panel: usize,
  panelStride: usize,
  steps: i32,
  start: usize,
  c: usize,
  columns: i32,
  epilogue: Epilogue,
  mask: usize,
): void {
  let left = v128.load(start);
  let right = v128.load(start, 16);
  for (let step = 0; step < steps; step++) {
    const x = v128.load32_splat(a);
    left = f32x4.add(left, f32x4.mul(x, v128.load(panel)));
    right = f32x4.add(right, f32x4.mul(x, v128.load(panel, 16)));
    a += stepStride;
    panel += panelStride;
  }
  storeRow(c, left, right, columns, epilogue, mask);
}

/** The rows of one column tile; `columns` of its eight are stored. */
export function multiply(
  a: usize,
  rowStride: usize,
  stepStride: usize,
  rows: i32,
  panel: usize,
  steps: i32,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
  columns: i32,
  epilogue: Epilogue,
  mask: usize,
  maskStride: usize,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    fourRows(
      a, rowStride, stepStride, panel, steps, start, startStride,
      c, cStride, columns, epilogue, mask, maskStride,
    ); // prettier-ignore
    a += 4 * rowStride;
    start += 4 * startStride;
    c += 4 * cStride;
    mask += 4 * maskStride;
  }
  if (row + 2 <= rows) {
    twoRows(
      a, rowStride, stepStride, panel, steps, start, startStride,
      c, cStride, columns, epilogue, mask, maskStride,
    ); // prettier-ignore
    a += 2 * rowStride;
    start += 2 * startStride;
    c += 2 * cStride;
    mask += 2 * maskStride;
    row += 2;
  }
  if (row < rows) multiplyRow(a, stepStride, panel, 32, steps, start, c, columns, epilogue, mask);
}
