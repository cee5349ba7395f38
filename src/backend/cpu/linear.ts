import type { OpOf } from '../../program/op.ts';
import type { BoundOp, Memory } from './memory.ts';
import { positiveReader, savedReader } from './quantisedActivation.ts';

/** y[b, n] = Σ_k x[b, k]·W[k, n] + bias[n]; four k at a time, so that y is read and written K/4 times. */
export function linear({ x, weight, bias, y, activation }: OpOf<'linear'>, memory: Memory): BoundOp {
  const read = savedReader(x, memory);
  const W = memory.floats(weight);
  const BIAS = memory.floats(bias);
  const Y = memory.floats(y);
  const [K, N] = weight.shape;
  const B = y.shape[0];
  const relu = activation === 'relu';
  const row = new Float64Array(K);
  const sum = new Float64Array(N);
  return () => {
    for (let b = 0; b < B; b++) {
      for (let k = 0; k < K; k++) row[k] = read(b * K + k);
      const yb = b * N;
      for (let n = 0; n < N; n++) sum[n] = BIAS[n];
      let k = 0;
      for (; k + 4 <= K; k += 4) {
        const [x0, x1, x2, x3] = [row[k], row[k + 1], row[k + 2], row[k + 3]];
        const w0 = k * N;
        const w1 = w0 + N;
        const w2 = w1 + N;
        const w3 = w2 + N;
        for (let n = 0; n < N; n++) {
          sum[n] += x0 * W[w0 + n] + x1 * W[w1 + n] + x2 * W[w2 + n] + x3 * W[w3 + n];
        }
      }
      for (; k < K; k++) {
        const xk = row[k];
        const wk = k * N;
        for (let n = 0; n < N; n++) sum[n] += xk * W[wk + n];
      }
      if (relu) for (let n = 0; n < N; n++) Y[yb + n] = sum[n] > 0 ? sum[n] : 0;
      else for (let n = 0; n < N; n++) Y[yb + n] = sum[n];
    }
  };
}

/** dx[b, k] = Σ_n dy[b, n]·W[k, n] where mask[b, k] > 0; four k at a time share the reads of dy. */
export function linearBackwardInput(
  { dy, weight, dx, mask }: OpOf<'linear-backward-input'>,
  memory: Memory,
): BoundOp {
  const DY = memory.floats(dy);
  const W = memory.floats(weight);
  const DX = memory.floats(dx);
  const isPositive = mask && positiveReader(mask, memory);
  const [K, N] = weight.shape;
  const B = dx.shape[0];
  return () => {
    for (let b = 0; b < B; b++) {
      const dyb = b * N;
      const dxb = b * K;
      let k = 0;
      for (; k + 4 <= K; k += 4) {
        const w0 = k * N;
        const w1 = w0 + N;
        const w2 = w1 + N;
        const w3 = w2 + N;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let n = 0; n < N; n++) {
          const d = DY[dyb + n];
          s0 += d * W[w0 + n];
          s1 += d * W[w1 + n];
          s2 += d * W[w2 + n];
          s3 += d * W[w3 + n];
        }
        DX[dxb + k] = s0;
        DX[dxb + k + 1] = s1;
        DX[dxb + k + 2] = s2;
        DX[dxb + k + 3] = s3;
      }
      for (; k < K; k++) {
        const wk = k * N;
        let s = 0;
        for (let n = 0; n < N; n++) s += DY[dyb + n] * W[wk + n];
        DX[dxb + k] = s;
      }
      if (isPositive) for (let i = dxb; i < dxb + K; i++) if (!isPositive(i)) DX[i] = 0;
    }
  };
}

/** dW[k, n] = Σ_b x[b, k]·dy[b, n], db[n] = Σ_b dy[b, n]; four examples at a time. */
export function linearBackwardWeight(
  { x, dy, dWeight, dBias }: OpOf<'linear-backward-weight'>,
  memory: Memory,
): BoundOp {
  const read = savedReader(x, memory);
  const DY = memory.floats(dy);
  const DW = memory.floats(dWeight);
  const DB = memory.floats(dBias);
  const [K, N] = dWeight.shape;
  const B = x.shape[0];
  const column = new Float64Array(B);
  const sum = new Float64Array(N);
  return () => {
    for (let k = 0; k < K; k++) {
      for (let b = 0; b < B; b++) column[b] = read(b * K + k);
      sum.fill(0);
      let b = 0;
      for (; b + 4 <= B; b += 4) {
        const [x0, x1, x2, x3] = [column[b], column[b + 1], column[b + 2], column[b + 3]];
        const d0 = b * N;
        const d1 = d0 + N;
        const d2 = d1 + N;
        const d3 = d2 + N;
        for (let n = 0; n < N; n++) {
          sum[n] += x0 * DY[d0 + n] + x1 * DY[d1 + n] + x2 * DY[d2 + n] + x3 * DY[d3 + n];
        }
      }
      for (; b < B; b++) {
        const xb = column[b];
        const db = b * N;
        for (let n = 0; n < N; n++) sum[n] += xb * DY[db + n];
      }
      DW.set(sum, k * N);
    }
    sum.fill(0);
    for (let b = 0; b < B; b++) for (let n = 0; n < N; n++) sum[n] += DY[b * N + n];
    DB.set(sum);
  };
}
