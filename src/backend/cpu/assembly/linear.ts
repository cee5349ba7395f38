// The three products of a layer. B = batch, K = inputs, N = outputs; all f32, row-major.
// panel: scratch f32[steps, 8] with steps = K forward, N backward to the input, B to the weight.
import { clearMasked, decodeRows } from './quantised';
import { packColumns, packRows, sumColumns } from './panel';
import { Epilogue, multiply, ZEROS } from './tile';

/** Examples that are multiplied by all of a layer's columns while they are in the second-level cache: x, dy or packed x. */
const BLOCK = 256;

/** Examples whose decoded x is there at once, forward. */
const DECODED_EXAMPLES = 64;

/**
 * y[B, N] = activation(x[B, K]·W[K, N] + bias[N])
 * bits not 0: x are codes of a ReLU, deviation the address of theirs, decoded into rows f32[DECODED_EXAMPLES, ⌈K/8⌉·8].
 */
export function linear(
  x: usize,
  bits: i32,
  deviation: usize,
  weight: usize,
  bias: usize,
  y: usize,
  B: i32,
  K: i32,
  N: i32,
  relu: i32,
  panel: usize,
  rows: usize,
): void {
  const epilogue = relu ? Epilogue.relu : Epilogue.none;
  const rowX = <usize>(4 * K);
  const rowY = <usize>(4 * N);
  const tilesX = (K + 7) >> 3;
  const decodedX = <usize>(32 * tilesX);
  const most = bits ? DECODED_EXAMPLES : BLOCK;
  for (let first = 0; first < B; first += most) {
    const own = min(most, B - first);
    for (let row = 0; bits && row < own; row++)
      decodeRows(rows + <usize>row * decodedX, x, (first + row) * K, 8, tilesX, bits, load<f32>(deviation));
    for (let n = 0; n < N; n += 8) {
      const at = <usize>(4 * n);
      packRows(panel, weight + at, rowY, K);
      const from = bits ? rows : x + <usize>first * rowX;
      const stride = bits ? decodedX : rowX;
      const to = y + <usize>first * rowY + at;
      multiply(from, stride, 4, own, panel, K, bias + at, 0, to, rowY, N - n, epilogue, 0, 0);
    }
  }
}

/** dx[B, K] = dy[B, N]·W[K, N]ᵀ, 0 where mask[B, K] is not above 0 (mask 0: no mask; bits not 0: codes of so many) */
export function linearBackwardInput(
  dy: usize,
  weight: usize,
  dx: usize,
  mask: usize,
  bits: i32,
  B: i32,
  K: i32,
  N: i32,
  panel: usize,
): void {
  const epilogue = mask && !bits ? Epilogue.mask : Epilogue.none;
  const rowX = <usize>(4 * K);
  const rowY = <usize>(4 * N);
  for (let first = 0; first < B; first += BLOCK) {
    const own = min(BLOCK, B - first);
    const from = dy + <usize>first * rowY;
    for (let k = 0; k < K; k += 8) {
      const at = <usize>first * rowX + <usize>(4 * k);
      packColumns(panel, weight + <usize>k * rowY, rowY, N, min(8, K - k));
      multiply(from, rowY, 4, own, panel, N, ZEROS, 0, dx + at, rowX, K - k, epilogue, mask + at, rowX);
    }
  }
  if (bits) clearMasked(dx, mask, B * K, bits);
}

/**
 * dW[K, N] = x[B, K]ᵀ·dy[B, N] and db[N] = Σ_b dy[b, N], BLOCK examples at a time.
 * bits not 0: x are codes of a ReLU, deviation the address of theirs.
 * packedX: scratch f32[⌈K/8⌉, BLOCK, 8]. Down a column of x the lines are far apart and, where K is a
 * power of two, fall in the same few sets of the cache.
 */
export function linearBackwardWeight(
  x: usize,
  bits: i32,
  deviation: usize,
  dy: usize,
  dWeight: usize,
  dBias: usize,
  B: i32,
  K: i32,
  N: i32,
  panel: usize,
  packedX: usize,
): void {
  const rowX = <usize>(4 * K);
  const rowY = <usize>(4 * N);
  for (let first = 0; first < B; first += BLOCK) {
    const steps = min(BLOCK, B - first);
    const tileX = <usize>(32 * steps);
    for (let k = 0, to = packedX; k < K; k += 8, to += tileX) {
      if (bits) decodeRows(to, x, first * K + k, K, steps, bits, load<f32>(deviation));
      else packRows(to, x + <usize>first * rowX + <usize>(4 * k), rowX, steps);
    }
    for (let n = 0; n < N; n += 8) {
      const at = <usize>(4 * n);
      const columns = min(8, N - n);
      packRows(panel, dy + at, rowY, steps);
      sumColumns(dBias + at, panel, steps, columns, first > 0);
      for (let k = 0, a = packedX, to = dWeight + at; k < K; k += 8, a += tileX, to += 8 * rowY) {
        const start = first > 0 ? to : ZEROS;
        const startStride = first > 0 ? rowY : 0;
        multiply(a, 4, 32, min(8, K - k), panel, steps, start, startStride, to, rowY, columns, Epilogue.none, 0, 0);
      }
    }
    dy += <usize>BLOCK * rowY;
  }
}
