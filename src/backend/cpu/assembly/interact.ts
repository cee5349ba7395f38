// Dot products of every pair of an example's T vectors of D floats: bottom (if any), then the F embeddings.
// Vectors past the edges of tiles are never stored.
import { copyFloats, copyQuads } from './floats';
import { packColumnsUnder, packRows } from './panel';
import { Epilogue, multiply, multiplyRow, ZEROS } from './tile';

/**
 * out[b] = [bottom, ⟨t_i, t_k⟩ for i > k]: the lower triangle of t·tᵀ, eight columns at a time.
 * bottom: f32[B, D] or 0; vectors: f32[B, F, D]. Scratch: panel f32[D, 8], products f32[T, 8⌈T/8⌉].
 */
export function interact(
  bottom: usize,
  vectors: usize,
  out: usize,
  B: i32,
  F: i32,
  D: i32,
  panel: usize,
  products: usize,
): void {
  const T = bottom ? F + 1 : F;
  const row = <usize>(4 * D);
  const productsRow = <usize>(4 * ((T + 7) & ~7));
  for (let b = 0; b < B; b++) {
    // Row i > 0 of t lies at t + i·row; row 0 is the bottom, where there is one.
    const t = bottom ? vectors - row : vectors;
    for (let k = 0; k + 1 < T; k += 8) {
      const first = k + 1;
      const column = t + <usize>k * row;
      packColumnsUnder(panel, bottom && k == 0 ? bottom : column, column, row, D, min(8, T - k));
      multiply(
        column + row, row, 4, T - first,
        panel, D, ZEROS, 0,
        products + <usize>first * productsRow + <usize>(4 * k), productsRow, 8,
        Epilogue.none, 0, 0,
      ); // prettier-ignore
    }
    if (bottom) {
      copyFloats(out, bottom, D);
      out += row;
      bottom += row;
    }
    for (let i = 1; i < T; i++) {
      const from = products + <usize>i * productsRow;
      // What reaches past the row the next one overwrites; the last two would reach past the example.
      if (i + 2 < T) copyQuads(out, from, i);
      else copyFloats(out, from, i);
      out += <usize>(4 * i);
    }
    vectors += <usize>F * row;
  }
}

/**
 * dt_i = Σ_k S[i, k]·t_k with S symmetric, S[i, k] = dOut of the pair; the bottom also has its copy
 * in the output, and is 0 where mask is not above 0. Scratch: symmetric f32[T + 2, T], panel f32[T, 8].
 */
export function interactBackward(
  bottom: usize,
  vectors: usize,
  dOut: usize,
  dBottom: usize,
  dVectors: usize,
  mask: usize,
  B: i32,
  F: i32,
  D: i32,
  symmetric: usize,
  panel: usize,
): void {
  const T = bottom ? F + 1 : F;
  const row = <usize>(4 * D);
  const symmetricRow = <usize>(4 * T);
  const epilogue = mask ? Epilogue.mask : Epilogue.none;
  for (let b = 0; b < B; b++) {
    const dCopy = dOut;
    if (bottom) dOut += row;
    dOut = mirrorTriangle(symmetric, dOut, T);
    for (let j = 0; j < D; j += 8) {
      const at = <usize>(4 * j);
      let a = symmetric;
      if (bottom) {
        packRows(panel, bottom + at, row, 1);
        packRows(panel + 32, vectors + at, row, F);
        multiplyRow(a, 4, panel, 32, T, dCopy + at, dBottom + at, D - j, epilogue, mask + at);
        a += symmetricRow;
      } else packRows(panel, vectors + at, row, F);
      multiply(a, symmetricRow, 4, F, panel, T, ZEROS, 0, dVectors + at, row, D - j, Epilogue.none, 0, 0);
    }
    vectors += <usize>F * row;
    dVectors += <usize>F * row;
    if (bottom) {
      bottom += row;
      dBottom += row;
    }
    if (mask) mask += row;
  }
}

/**
 * symmetric[i, k] = symmetric[k, i] = triangle in row order, 0 on the diagonal. Returns the triangle's end.
 * Four at a time: what reaches past the diagonal, along a row or down a column, a later row overwrites.
 */
function mirrorTriangle(symmetric: usize, triangle: usize, T: i32): usize {
  const row = <usize>(4 * T);
  for (let i = 0; i < T; i++) {
    const across = symmetric + <usize>i * row;
    let down = symmetric + <usize>(4 * i);
    for (let k = 0; k < i; k += 4) {
      const d = v128.load(triangle + <usize>(4 * k));
      v128.store(across + <usize>(4 * k), d);
      v128.store_lane<f32>(down, d, 0);
      v128.store_lane<f32>(down + row, d, 1);
      v128.store_lane<f32>(down + 2 * row, d, 2);
      v128.store_lane<f32>(down + 3 * row, d, 3);
      down += 4 * row;
    }
    store<f32>(across + <usize>(4 * i), 0);
    triangle += <usize>(4 * i);
  }
  return triangle;
}
