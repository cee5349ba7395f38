// Codes of saved activations: see QuantisedActivation in ../../../program/operand.ts. Element i is the code at bit i·bits;
// bits = 4, 8 or 16. Eight codes are read or written at once: the bytes past a tensor's end are there to be read.

/** Codes e … e + 3 (high: e + 4 … e + 7), less half their number, plus ½: the middles of bins. */
// @ts-ignore: decorator
@inline
function middles(codes: usize, e: usize, bits: i32, high: bool): v128 {
  let q: v128;
  if (bits == 4) {
    const word = i32x4.splat(<i32>(load<u64>(codes + (e >> 1)) >> <u64>(4 * (e & 1))));
    // Moves each lane's own four bits to the top.
    const move = high ? i32x4(1 << 12, 1 << 8, 1 << 4, 1) : i32x4(1 << 28, 1 << 24, 1 << 20, 1 << 16);
    q = i32x4.shr_u(i32x4.mul(word, move), 28);
  } else if (bits == 8) {
    const eight = i16x8.extend_low_i8x16_u(v128.load64_zero(codes + e));
    q = high ? i32x4.extend_high_i16x8_u(eight) : i32x4.extend_low_i16x8_u(eight);
  } else {
    const eight = v128.load(codes + 2 * e);
    q = high ? i32x4.extend_high_i16x8_u(eight) : i32x4.extend_low_i16x8_u(eight);
  }
  return f32x4.add(f32x4.convert_i32x4_s(q), f32x4.splat(<f32>0.5 - <f32>(1 << (bits - 1))));
}

// @ts-ignore: decorator
@inline
function positives(values: v128): v128 {
  return f32x4.gt(values, f32x4.splat(0));
}

/** Width of a bin where K = 2^bits of them cover six deviations. */
// @ts-ignore: decorator
@inline
function binOf(deviation: f32, bits: i32): f32 {
  return (deviation * 6) / <f32>(1 << bits);
}

/** panel[step, j] = element first + step·columns + j of a ReLU's output, for eight j. */
export function decodeRows(
  panel: usize,
  codes: usize,
  first: i32,
  columns: i32,
  steps: i32,
  bits: i32,
  deviation: f32,
): void {
  const bin = f32x4.splat(binOf(deviation, bits));
  let e = <usize>first;
  for (let step = 0; step < steps; step++) {
    const left = middles(codes, e, bits, false);
    const right = middles(codes, e, bits, true);
    v128.store(panel, f32x4.mul(v128.and(left, positives(left)), bin));
    v128.store(panel, f32x4.mul(v128.and(right, positives(right)), bin), 16);
    e += <usize>columns;
    panel += 32;
  }
}

/** to[j] = element first + j, for `count` of them. */
export function decodeRow(to: usize, codes: usize, first: i32, count: i32, bits: i32, deviation: f32): void {
  const bin = binOf(deviation, bits);
  for (let j = 0; j < count; j++) {
    const middle = <f32>codeAt(codes, <usize>(first + j), bits) - <f32>(1 << (bits - 1)) + <f32>0.5;
    store<f32>(to + <usize>(4 * j), middle * bin);
  }
}

function codeAt(codes: usize, e: usize, bits: i32): u32 {
  if (bits == 4) return (<u32>load<u8>(codes + (e >> 1)) >> (4 * (<u32>e & 1))) & 15;
  if (bits == 8) return <u32>load<u8>(codes + e);
  return <u32>load<u16>(codes + 2 * e);
}

/** values[i] = 0 where the code says that its element was not above 0 */
export function clearMasked(values: usize, codes: usize, elements: i32, bits: i32): void {
  let e: usize = 0;
  for (; e + 8 <= <usize>elements; e += 8) {
    const left = positives(middles(codes, e, bits, false));
    const right = positives(middles(codes, e, bits, true));
    v128.store(values, v128.and(v128.load(values), left));
    v128.store(values, v128.and(v128.load(values, 16), right), 16);
    values += 32;
  }
  for (; e < <usize>elements; e++) {
    if (codeAt(codes, e, bits) >> (bits - 1) == 0) store<f32>(values, 0);
    values += 4;
  }
}

// @ts-ignore: decorator
@inline
function codesOf(x: v128, scale: v128, guard: v128, half: v128): v128 {
  const bin = f32x4.floor(f32x4.sub(f32x4.mul(x, scale), guard));
  const above = f32x4.min(f32x4.max(bin, f32x4.splat(0)), f32x4.sub(half, f32x4.splat(1)));
  const below = f32x4.min(f32x4.max(bin, f32x4.neg(half)), f32x4.splat(-1));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(v128.bitselect(above, below, positives(x)), half));
}

/**
 * The codes of values; with relu, values become relu(values).
 * scales: f32[columns + 8], the bins in a deviation of every column, going round at the end.
 */
export function quantise(
  values: usize,
  codes: usize,
  elements: i32,
  columns: i32,
  bits: i32,
  scales: usize,
  relu: i32,
): void {
  const bins = <f32>(1 << bits);
  const half = f32x4.splat(bins / 2);
  const guard = f32x4.splat((<f32>1e-6 * bins) / 6);
  let column = 0;
  let i = 0;
  for (; i < elements; i += 8) {
    const x0 = v128.load(values);
    const x1 = v128.load(values, 16);
    const q0 = codesOf(x0, v128.load(scales + <usize>(4 * column)), guard, half);
    const q1 = codesOf(x1, v128.load(scales + <usize>(4 * column), 16), guard, half);
    const left = min(8, elements - i);
    storeCodes(codes + <usize>((i * bits) >> 3), q0, q1, bits, left);
    if (relu) {
      if (left == 8) {
        v128.store(values, v128.and(x0, positives(x0)));
        v128.store(values, v128.and(x1, positives(x1)), 16);
      } else {
        for (let j = 0; j < left; j++) {
          const at = values + <usize>(4 * j);
          if (!(load<f32>(at) > 0)) store<f32>(at, 0);
        }
      }
    }
    values += 32;
    column += 8;
    while (column >= columns) column -= columns;
  }
}

const CODES: usize = memory.data(16, 16);

/** `count` of eight codes, and zeros to the end of the word. */
function storeCodes(to: usize, q0: v128, q1: v128, bits: i32, count: i32): void {
  let at = to;
  if (count < 8) {
    at = CODES;
    const low = i32x4(0, 1, 2, 3);
    q0 = v128.and(q0, i32x4.lt_s(low, i32x4.splat(count)));
    q1 = v128.and(q1, i32x4.lt_s(low, i32x4.splat(count - 4)));
  }
  if (bits == 4) {
    const low = i32x4.mul(q0, i32x4(1, 1 << 4, 1 << 8, 1 << 12));
    const all = v128.or(low, i32x4.mul(q1, i32x4(1 << 16, 1 << 20, 1 << 24, 1 << 28)));
    const two = v128.or(all, v128.shuffle<i32>(all, all, 2, 3, 0, 1));
    store<u32>(at, i32x4.extract_lane(two, 0) | i32x4.extract_lane(two, 1));
  } else {
    const eight = i16x8.narrow_i32x4_u(q0, q1);
    if (bits == 8) v128.store64_lane(at, i8x16.narrow_i16x8_u(eight, eight), 0);
    else v128.store(at, eight);
  }
  if (count < 8) memory.copy(to, CODES, <usize>(4 * ((count * bits + 31) >> 5)));
}

/** Standard deviation of values[rows, columns], rows `stride` bytes apart; two passes, in double precision. */
export function deviation(values: usize, stride: i32, rows: i32, columns: i32): f64 {
  const count = <f64>rows * <f64>columns;
  const mean = sumOfPowers(values, <usize>stride, rows, columns, 0, false) / count;
  return sqrt(sumOfPowers(values, <usize>stride, rows, columns, mean, true) / count);
}

/** Σ (x − mean), or of its squares. */
function sumOfPowers(values: usize, stride: usize, rows: i32, columns: i32, mean: f64, squares: bool): f64 {
  const means = f64x2.splat(mean);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let rest: f64 = 0;
  for (let row = 0; row < rows; row++) {
    let at = values;
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const x = v128.load(at);
      const first = f64x2.sub(f64x2.promote_low_f32x4(x), means);
      const second = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1)), means);
      low = f64x2.add(low, squares ? f64x2.mul(first, first) : first);
      high = f64x2.add(high, squares ? f64x2.mul(second, second) : second);
      at += 16;
    }
    for (; j < columns; j++) {
      const x = <f64>load<f32>(at) - mean;
      rest += squares ? x * x : x;
      at += 4;
    }
    values += stride;
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest;
}
